// Another implementation of JOSE (npm jose) reads what Signet made: one JSON object comes in, one goes out.
import { text } from 'node:stream/consumers';
import { compactDecrypt, compactVerify, createLocalJWKSet, decodeProtectedHeader, importJWK } from 'jose';

const { token, jwks, privateKey } = JSON.parse(await text(process.stdin));

const { protectedHeader: header, ...read } = jwks
  ? await compactVerify(token, createLocalJWKSet(jwks))
  : await compactDecrypt(token, await importJWK(privateKey, decodeProtectedHeader(token).alg));
console.log(JSON.stringify({ header, text: new TextDecoder().decode(read.payload ?? read.plaintext) }));

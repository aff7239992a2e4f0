// A person whose browser has no JavaScript: it follows redirects, keeps cookies, fills in forms and presses their buttons.
import assert from 'node:assert/strict';

const entities = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" };

const decode = (text) => text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) =>
  hex || decimal ? String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10)) : entities[name] ?? whole);

const attribute = (tag, name) => {
  const found = new RegExp(`\\s${name}="([^"]*)"`).exec(tag);
  return found && decode(found[1]);
};

export class Person {
  #site;
  #cookies = new Map();

  constructor(site) {
    this.#site = new URL(site).origin;
  }

  async signIn(email, password) {
    const page = await this.open(`${this.#site}/login`);
    await page.press('Sign in', { 'Input.Email': email, 'Input.Password': password });
    assert.ok((await this.open(`${this.#site}/account`)).html.includes(email), 'the person is not signed in');
  }

  /** Goes where an app sends people, and allows what it asks for; returns the address that the browser comes back to. */
  async allow(authorization) {
    const page = await this.open(authorization);
    return page.left ?? (await page.press('Allow')).left ?? assert.fail(`this leads to no app: ${page.html}`);
  }

  /** Types in what a device shows, and allows it. */
  async allowDevice({ verification_uri, user_code }) {
    const asked = await (await this.open(verification_uri)).press('Continue', { user_code });
    const said = await asked.press('Allow');
    assert.ok(said.html.includes('Go back to your device'), said.html);
  }

  open(address) {
    return this.#follow(new URL(address));
  }

  async #follow(address, form) {
    for (let hops = 0; hops < 10; hops++) {
      if (address.origin !== this.#site) return { left: address };
      const response = await fetch(address, {
        method: form ? 'POST' : 'GET',
        body: form,
        headers: { cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') },
        redirect: 'manual',
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
        this.#cookies.set(name, value);
      }

      const html = await response.text();
      const next = response.headers.get('location');
      if (!next) return { html, press: (words, fields) => this.#press(address, html, words, fields) };
      address = new URL(next, address);
      form = undefined;
    }

    assert.fail(`redirected in circles, last to ${address}`);
  }

  #press(address, html, words, fields = {}) {
    for (const [form] of html.matchAll(/<form.*?<\/form>/gs)) {
      const button = form.match(/<button.*?<\/button>/gs)?.find((one) => one.includes(`>${words}<`));
      if (!button) continue;
      const sent = new URLSearchParams(fields);
      for (const [input] of form.matchAll(/<input[^>]*type="hidden"[^>]*>/g))
        sent.set(attribute(input, 'name'), attribute(input, 'value') ?? '');
      const action = attribute(button, 'formaction') ?? attribute(form.slice(0, form.indexOf('>')), 'action') ?? address.href;
      return this.#follow(new URL(action, address), sent);
    }

    assert.fail(`there is no button "${words}": ${html}`);
  }
}

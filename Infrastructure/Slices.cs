using Signet.Infrastructure.Telemetry;

namespace Signet.Infrastructure;

/// <summary>Everything that is MediatR's: finding handlers and validators, and what runs around each request.</summary>
internal static class Slices
{
    public static IServiceCollection AddSlices(this IServiceCollection services) => services
        .AddScoped<ServiceFactory>(provider => provider.GetService)
        .AddScoped<IMediator, Mediator>()
        .AddScoped(typeof(IPipelineBehavior<,>), typeof(TelemetryBehaviour<,>))
        .AddScoped(typeof(IPipelineBehavior<,>), typeof(ValidationBehaviour<,>))
        .AddScoped(typeof(IPipelineBehavior<,>), typeof(AuditBehaviour<,>))
        .Scan(scan => scan.FromAssemblies(typeof(Slices).Assembly)
            .AddClasses(classes => classes.AssignableTo(typeof(IRequestHandler<,>)), publicOnly: false).AsImplementedInterfaces().WithScopedLifetime()
            .AddClasses(classes => classes.AssignableTo(typeof(IValidator<>)), publicOnly: false).AsImplementedInterfaces().WithScopedLifetime());
}

/// <summary>Runs the slice's validator before its handler. The faces turn the exception into their own words: a form, a problem document, a line.</summary>
internal sealed class ValidationBehaviour<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators)
    : IPipelineBehavior<TRequest, TResponse>
    where TRequest : notnull
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        foreach (var validator in validators)
            await validator.ValidateAndThrowAsync(request, cancellationToken);
        return await next();
    }
}

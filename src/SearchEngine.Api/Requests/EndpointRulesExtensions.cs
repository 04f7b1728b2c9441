using SearchEngine.Api.Security;

namespace SearchEngine.Api.Requests;

/// <summary>Says what endpoints need, where they are mapped.</summary>
internal static class EndpointRulesExtensions
{
    /// <summary>Needs no key and is never refused.</summary>
    public static T IsOpen<T>(this T builder)
        where T : IEndpointConventionBuilder => builder.WithMetadata(new EndpointRules(Access.None, Admission.Free, BodyKind.Json));

    /// <summary>Works, for callers who are allowed it.</summary>
    public static T Needs<T>(this T builder, Access access)
        where T : IEndpointConventionBuilder => builder.WithMetadata(new EndpointRules(access, Admission.Work, BodyKind.Json));

    /// <summary>Tells of all collections: for callers who are allowed it in every one.</summary>
    public static T NeedsInAll<T>(this T builder, Access access)
        where T : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointRules(access, Admission.Work, BodyKind.Json, IsOfAll: true));

    /// <summary>Sends or takes as long as the caller wants.</summary>
    public static T Streams<T>(this T builder, Access access, BodyKind body = BodyKind.Json)
        where T : IEndpointConventionBuilder
    {
        builder.WithMetadata(new EndpointRules(access, Admission.Stream, body));
        builder.DisableRequestTimeout();
        return builder;
    }
}

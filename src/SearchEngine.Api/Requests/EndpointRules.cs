using SearchEngine.Api.Security;

namespace SearchEngine.Api.Requests;

/// <summary>What an endpoint says of itself; one that says nothing is closed.</summary>
/// <param name="Access">What the caller must be allowed.</param>
/// <param name="Admission">Among how many others it runs.</param>
/// <param name="Body">How the body is taken.</param>
/// <param name="IsOfAll">Whether it tells of all collections, so that a key for some of them does not open it.</param>
internal sealed record EndpointRules(Access Access, Admission Admission, BodyKind Body, bool IsOfAll = false)
{
    public static EndpointRules? Of(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<EndpointRules>();
}

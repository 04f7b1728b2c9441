namespace SearchEngine.Api.Requests;

/// <summary>How the body of a request is taken.</summary>
internal enum BodyKind
{
    /// <summary>JSON, read whole before the request is admitted.</summary>
    Json,

    /// <summary>Anything, read by the endpoint as it comes; the request counts as a stream.</summary>
    Stream,
}

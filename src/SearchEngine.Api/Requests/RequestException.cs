namespace SearchEngine.Api.Requests;

/// <summary>A request that is refused: the status, a title, and one sentence for the caller.</summary>
internal sealed class RequestException(int status, string title, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    public int Status { get; } = status;

    public string Title { get; } = title;

    public static RequestException NotFound(string message) => new(StatusCodes.Status404NotFound, "Not found", message);

    public static RequestException Conflict(string message) => new(StatusCodes.Status409Conflict, "Conflict", message);

    public static RequestException Wrong(string message) => new(StatusCodes.Status400BadRequest, "Wrong request", message);

    public static RequestException Unsupported(string message) =>
        new(StatusCodes.Status415UnsupportedMediaType, "Unsupported media type", message);

    public static RequestException Forbidden(string message) => new(StatusCodes.Status403Forbidden, "Forbidden", message);

    /// <summary>To be tried again in a second.</summary>
    public static RequestException Busy(string message) => new(StatusCodes.Status503ServiceUnavailable, "Not now", message);
}

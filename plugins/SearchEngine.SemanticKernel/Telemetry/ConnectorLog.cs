using Microsoft.Extensions.Logging;

namespace SearchEngine.SemanticKernel;

/// <summary>The connector's log messages. None of them holds user text.</summary>
internal static partial class ConnectorLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Operation} on '{Collection}' took {Milliseconds:F2} ms")]
    public static partial void Completed(ILogger logger, string operation, string? collection, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "{Operation} on '{Collection}' failed")]
    public static partial void Failed(ILogger logger, string operation, string? collection, Exception exception);
}

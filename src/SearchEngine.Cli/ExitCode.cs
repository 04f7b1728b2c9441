namespace SearchEngine.Cli;

/// <summary>What the process ends with; scripts rely on it.</summary>
internal static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Nothing found, some of the input failed, or a verification found problems.</summary>
    public const int Partial = 1;

    /// <summary>Wrong use, or it could not be done.</summary>
    public const int Failure = 2;

    /// <summary>Stopped by Ctrl-C (128 + SIGINT, the shells' convention); the database is consistent.</summary>
    public const int Interrupted = 130;

    /// <summary>Stopped by SIGTERM (128 + 15); the database is consistent.</summary>
    public const int Terminated = 143;
}

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>The format of an export.</summary>
internal enum ExchangeFormat
{
    /// <summary>JSON Lines.</summary>
    Jsonl,

    /// <summary>Apache Parquet.</summary>
    Parquet,
}

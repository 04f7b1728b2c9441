using System.CommandLine;
using SearchEngine.Cli.Arguments;

namespace SearchEngine.Cli.Commands.Collections;

/// <summary>The option <c>--format</c>; where it is not given, the file's name decides.</summary>
internal static class ExchangeFormats
{
    private const string ParquetExtension = ".parquet";

    public static Option<string?> Option() =>
        Choices.Of("--format", "The file's format: jsonl, parquet (default: by the file's name, else jsonl)", "jsonl", "parquet");

    public static ExchangeFormat Of(string? format, string? file) =>
        format is not null ? Enum.Parse<ExchangeFormat>(format, ignoreCase: true)
        : ParquetExtension.Equals(Path.GetExtension(file), StringComparison.OrdinalIgnoreCase) ? ExchangeFormat.Parquet
        : ExchangeFormat.Jsonl;
}

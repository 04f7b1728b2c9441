using System.Globalization;
using SearchEngine.Cli.Output;
using SearchEngine.Training.Evaluation;

namespace SearchEngine.Cli.Commands.Evaluation;

/// <summary>How a comparison stands in a table.</summary>
internal static class Significance
{
    /// <summary>The difference with its 95 % interval.</summary>
    public static string Difference(PairedComparison? comparison) =>
        comparison is null ? "" : $"{Signed(comparison.Difference)} ({Signed(comparison.Low)} to {Signed(comparison.High)})";

    /// <summary>The p-value.</summary>
    public static string P(PairedComparison? comparison) =>
        comparison is null ? ""
        : comparison.PValue < 0.001 ? "< .001"
        : comparison.PValue.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => (value < 0 ? "-" : "+") + Format.Score(Math.Abs(value));
}

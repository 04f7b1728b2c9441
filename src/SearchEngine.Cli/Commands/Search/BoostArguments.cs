using System.CommandLine;
using System.Globalization;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>The options by which fields add to the score.</summary>
internal sealed class BoostArguments
{
    /// <summary>A fifth of the best hit's relevance: enough to change places among hits that are about as good.</summary>
    private const double DefaultWeight = 0.2;

    private readonly Option<string[]> _recent = new("--recent")
    {
        Description = "Prefer what is recent by a field of dates: half-life in days, and what it adds to the score (default: 0.2)",
        HelpName = "FIELD:DAYS[:WEIGHT]",
    };

    private readonly Option<string[]> _boost = new("--boost")
    {
        Description = "Prefer what is large by a field of numbers: the number that counts half, what it adds (default: 0.2), the function",
        HelpName = "FIELD:PIVOT[:WEIGHT[:saturation|log1p|linear]]",
    };

    public void AddTo(Command command)
    {
        command.Add(_recent);
        command.Add(_boost);
    }

    /// <exception cref="HostException">A value is no such list.</exception>
    public IReadOnlyList<ScoreBoost> Resolve(ParseResult parsed) =>
        [.. (parsed.GetValue(_recent) ?? []).Select(Recent), .. (parsed.GetValue(_boost) ?? []).Select(Numeric)];

    private static RecencyBoost Recent(string text)
    {
        var parts = text.Split(':');
        if (
            parts.Length is not (2 or 3)
            || Number(parts[1]) is not { } days
            || !(days > 0 && days < TimeSpan.MaxValue.TotalDays / 2)
            || WeightOf(parts) is not { } weight
        )
        {
            throw new HostException($"--recent takes FIELD:DAYS[:WEIGHT] such as modified:30:0.2, not '{text}'.");
        }
        return new RecencyBoost(parts[0], weight, TimeSpan.FromDays(days));
    }

    private static NumericBoost Numeric(string text)
    {
        var parts = text.Split(':');
        var function = NumericFunction.Saturation;
        if (
            parts.Length is < 2 or > 4
            || Number(parts[1]) is not { } pivot
            || WeightOf(parts) is not { } weight
            || (parts.Length == 4 && !(Enum.TryParse(parts[3], ignoreCase: true, out function) && Enum.IsDefined(function)))
        )
        {
            throw new HostException(
                $"--boost takes FIELD:PIVOT[:WEIGHT[:saturation|log1p|linear]] such as stars:100:0.1:log1p, not '{text}'."
            );
        }
        return new NumericBoost(parts[0], weight, pivot) { Function = function };
    }

    private static double? WeightOf(string[] parts) => parts.Length < 3 ? DefaultWeight : Number(parts[2]);

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

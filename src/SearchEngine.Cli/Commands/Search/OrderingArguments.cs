using System.CommandLine;
using System.Globalization;
using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>The options that change the order of the hits, or ask about it.</summary>
internal sealed class OrderingArguments
{
    private readonly Option<double?> _diversity = new("--diversity")
    {
        Description = "Keep hits that are alike apart: the share of difference, 0 (relevance alone) to 1",
        HelpName = "W",
    };

    private readonly Option<int?> _among = Choices.Number(
        "--diversity-top",
        $"Hits that --diversity chooses among (default: {DiversityOptions.DefaultCandidates})",
        minimum: 1
    );

    private readonly Option<string?> _whyNot = new("--why-not")
    {
        Description = "Say what became of one record: where it stands, or why it is no hit",
        HelpName = "KEY",
    };

    private readonly Option<string[]> _vectors = new("--vector-field")
    {
        Description = "The vector field to go by; several times for several at once, each with its weight (default: 1)",
        HelpName = "FIELD[:WEIGHT]",
    };

    private readonly BoostArguments _boosts = new();

    public void AddTo(Command command)
    {
        command.Add(_vectors);
        _boosts.AddTo(command);
        command.Add(_diversity);
        command.Add(_among);
        command.Add(_whyNot);
    }

    /// <exception cref="HostException">An option lacks the one that it goes with.</exception>
    public OrderingPlan Resolve(ParseResult parsed) =>
        new(
            [.. (parsed.GetValue(_vectors) ?? []).Select(VectorOf)],
            _boosts.Resolve(parsed),
            DiversityOf(parsed),
            parsed.GetValue(_whyNot)
        );

    private static VectorQuery VectorOf(string text)
    {
        var parts = text.Split(':');
        if (parts.Length == 1)
            return new VectorQuery(text);
        return parts.Length == 2 && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var weight)
            ? new VectorQuery(parts[0]) { Weight = weight }
            : throw new HostException($"--vector-field takes FIELD[:WEIGHT] such as title:2, not '{text}'.");
    }

    private DiversityOptions? DiversityOf(ParseResult parsed)
    {
        if (parsed.GetValue(_diversity) is { } weight)
            return new DiversityOptions { Weight = weight, Candidates = parsed.GetValue(_among) ?? DiversityOptions.DefaultCandidates };
        return parsed.GetValue(_among) is null
            ? null
            : throw new HostException("--diversity-top goes with --diversity W, which is missing.");
    }
}

using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>The options of the rerank step.</summary>
internal sealed class RerankArguments
{
    private readonly Option<string?> _model = new("--rerank")
    {
        Description = "Read the best hits with a reranker: a model's folder, or 'late' for late interaction with the embedding model",
        HelpName = "MODEL",
    };

    private readonly Option<int?> _top = Choices.Number("--rerank-top", "Hits the reranker reads (default: 50)", minimum: 1);

    private readonly Option<int?> _time = Choices.Number(
        "--rerank-ms",
        "Milliseconds it has; what it has not read by then stays behind (default: no limit)",
        minimum: 1,
        helpName: "MS"
    );

    private readonly Option<double?> _weight = new("--rerank-weight")
    {
        Description = "The reranker's share of the score, 0 to 1 (default: as measured for its kind)",
        HelpName = "W",
    };

    public void AddTo(Command command)
    {
        command.Add(_model);
        command.Add(_top);
        command.Add(_time);
        command.Add(_weight);
    }

    /// <summary>The reranker; null where the flag names none.</summary>
    public RerankPlan? Resolve(ParseResult parsed, Settings settings)
    {
        var plan = RerankPlan.Of(parsed.GetValue(_model), settings.Embedding);
        if (plan is null && (parsed.GetValue(_top) ?? parsed.GetValue(_time) ?? parsed.GetValue(_weight)) is not null)
            throw new HostException("--rerank-top, --rerank-ms and --rerank-weight go with --rerank MODEL, which is missing.");
        return plan;
    }

    public RerankOptions OptionsOf(ParseResult parsed) =>
        new()
        {
            Candidates = parsed.GetValue(_top) ?? RerankOptions.DefaultCandidates,
            Budget = parsed.GetValue(_time) is { } time ? TimeSpan.FromMilliseconds(time) : null,
            Weight = parsed.GetValue(_weight),
        };
}

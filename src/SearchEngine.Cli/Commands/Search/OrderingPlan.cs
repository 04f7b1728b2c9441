using System.Globalization;
using SearchEngine.Hosting;

namespace SearchEngine.Cli.Commands.Search;

/// <summary>What changes the order of the hits beside the rankers and the reranker, and what is asked about it.</summary>
/// <param name="Vectors">The vector fields to go by, with their weights; none for the collection's own.</param>
/// <param name="Boosts">What fields add to the score.</param>
/// <param name="Diversity">How hits that are alike are kept apart; null for not at all.</param>
/// <param name="WhyNot">The key of a record to be told of; null for none.</param>
internal sealed record OrderingPlan(
    IReadOnlyList<VectorQuery> Vectors,
    IReadOnlyList<ScoreBoost> Boosts,
    DiversityOptions? Diversity,
    string? WhyNot
)
{
    /// <summary>A key as it was typed, as the collection's keys are.</summary>
    /// <exception cref="HostException">It is no such key.</exception>
    public static RecordKey ReadKey(string text, CollectionSchema schema) =>
        schema.KeyKind switch
        {
            RecordKeyKind.Int32 when int.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
            RecordKeyKind.Int64 when long.TryParse(text, CultureInfo.InvariantCulture, out var number) => number,
            RecordKeyKind.Guid when Guid.TryParse(text, out var guid) => guid,
            RecordKeyKind.String when text.Length > 0 => text,
            _ => throw new HostException($"--why-not takes a key of collection '{schema.Name}' ({schema.KeyKind}), not '{text}'."),
        };
}

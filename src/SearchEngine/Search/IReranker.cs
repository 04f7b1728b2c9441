namespace SearchEngine;

/// <summary>
/// Reads a query and passages together and says how well each passage answers it: slower than a ranker that looks things up, and better, so
/// it is asked for the best candidates alone. Implementations are thread-safe.
/// </summary>
public interface IReranker
{
    /// <summary>What people read in reports, such as the model's name.</summary>
    string Name { get; }

    /// <summary>
    /// The reranker's share of a score, 0 to 1, where the request gives none: how far it is to be trusted beside the rankers, as measured.
    /// </summary>
    double Weight => RerankOptions.DefaultWeight;

    /// <summary>A score of this reranker as people read it: from 0 (has nothing to do with the query) to 1.</summary>
    double Relevance(double score) => Math.Clamp(score, 0, 1);

    /// <summary>Scores passages.</summary>
    /// <param name="query">The query as it was searched for.</param>
    /// <param name="passages">Texts, in any number and order; a passage's score does not depend on the others.</param>
    /// <param name="cancellationToken">Stops when the caller wants no more, or the search's time is over.</param>
    /// <returns>One finite number for each passage, in their order; larger is better, in any unit.</returns>
    Task<IReadOnlyList<double>> ScoreAsync(string query, IReadOnlyList<string> passages, CancellationToken cancellationToken = default);
}

namespace SearchEngine;

/// <summary>Checks what a request asks of the steps behind the ranking.</summary>
internal static class OrderingChecks
{
    /// <exception cref="ArgumentException">The rerank step is impossible; the message names the part.</exception>
    public static void CheckRerank(SearchRequest request)
    {
        if (request.Rerank is not { } rerank)
            return;
        if (rerank.Candidates is < 1 or > SearchPlan.MaxHits)
            throw new ArgumentException($"Rerank reads {rerank.Candidates} candidates: 1 to {SearchPlan.MaxHits}.");
        if (rerank.Weight is { } weight && !(weight is >= 0 and <= 1))
            throw new ArgumentException($"The weight of the reranker is {weight}: it must be 0 to 1.");
        if (rerank.Budget is { } budget && budget <= TimeSpan.Zero)
            throw new ArgumentException($"The reranker's time is {budget}: it must be more than none.");
        if (string.IsNullOrWhiteSpace(request.Text) && request.Keywords is not { Count: > 0 })
            throw new ArgumentException("A reranker reads the query's text: give one, beside the vector too.");
        if (request.Sort is not null)
            throw new ArgumentException("Hits in the order of a field are not reranked: leave out Sort or Rerank.");
    }

    /// <summary>The vector field that says what is alike; null where diversity is not asked for.</summary>
    /// <param name="schema">The collection's schema.</param>
    /// <param name="request">The request.</param>
    /// <param name="searched">The vector field that is searched; null in a keyword search.</param>
    /// <exception cref="ArgumentException">Diversity is impossible; the message names the part.</exception>
    public static VectorField? DiversityField(CollectionSchema schema, SearchRequest request, VectorField? searched)
    {
        if (request.Diversity is not { } diversity)
            return null;
        if (!(diversity.Weight is >= 0 and <= 1))
            throw new ArgumentException($"The weight of Diversity is {diversity.Weight}: it must be 0 (relevance alone) to 1.");
        if (diversity.Candidates is < 1 or > DiversityOptions.MaxCandidates)
        {
            throw new ArgumentException(
                $"Diversity chooses among {diversity.Candidates} candidates: 1 to {DiversityOptions.MaxCandidates}."
            );
        }
        if (request.Sort is not null)
            throw new ArgumentException("Hits in the order of a field have that order alone: leave out Sort or Diversity.");
        if (diversity.VectorField is { } name)
        {
            return schema.FindVector(name)
                ?? throw new ArgumentException($"Collection '{schema.Name}' has no vector field '{name}' for Diversity to compare by.");
        }
        return (searched ?? (request.VectorField is { } asked ? schema.FindVector(asked) : null), schema.Vectors.Count) switch
        {
            ({ } field, _) => field,
            (null, 1) => schema.Vectors[0],
            (null, 0) => throw new ArgumentException(
                $"Collection '{schema.Name}' has no vector field, so nothing says which records are alike: leave out Diversity."
            ),
            _ => throw new ArgumentException(
                $"Collection '{schema.Name}' has several vector fields: DiversityOptions.VectorField names the one to compare by."
            ),
        };
    }
}

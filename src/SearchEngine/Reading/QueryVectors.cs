using SearchEngine.Writing;

namespace SearchEngine.Reading;

/// <summary>A search's query vectors, embedded once even where the search has to begin anew. Used by one search.</summary>
internal sealed class QueryVectors(DocumentEmbedder embedder, SearchPlan plan)
{
    private bool _isDone = plan.Vectors.Count == 0;

    /// <summary>The vectors, in the order of the plan's targets; empty before <see cref="EmbedAsync"/>.</summary>
    public ReadOnlyMemory<float>[] Embedded { get; private set; } = [];

    /// <summary>Embeds what was not yet.</summary>
    public async ValueTask<ReadOnlyMemory<float>[]> EmbedAsync(CancellationToken cancellationToken)
    {
        if (!_isDone)
        {
            Embedded = await embedder.EmbedQueriesAsync(plan.Vectors, cancellationToken).ConfigureAwait(false);
            _isDone = true;
        }

        return Embedded;
    }
}

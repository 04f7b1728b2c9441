using SearchEngine.Embeddings;

namespace SearchEngine.Hosting;

/// <summary>Which reranker, and how it runs.</summary>
/// <param name="Model">A folder, absolute, or <see cref="LoadedReranker.LateInteraction"/>.</param>
/// <param name="Device">As for embedding models.</param>
/// <param name="DataType">As for embedding models.</param>
/// <param name="WeightCache">As for embedding models.</param>
internal sealed record RerankPlan(string Model, string Device, string DataType, WeightCacheOptions WeightCache)
{
    /// <summary>The plan of a setting or flag; null where it names none.</summary>
    public static RerankPlan? Of(string? model, EmbeddingSettings settings) =>
        string.IsNullOrWhiteSpace(model)
            ? null
            : new RerankPlan(
                model == LoadedReranker.LateInteraction ? model : Path.GetFullPath(model),
                settings.Device,
                settings.DataType,
                settings.ToWeightCache()
            );
}

using System.Linq.Expressions;
using Microsoft.Extensions.AI;
using Microsoft.SemanticKernel.Data;

namespace SearchEngine.SemanticKernel;

/// <summary>How a <see cref="SearchEngineTextSearch{TRecord}"/> works.</summary>
public sealed class SearchEngineTextSearchOptions<TRecord>
{
    /// <summary>Embeds the query; null: the collection's own generator does.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator { get; set; }

    /// <summary>Cuts the query into keywords; null: at everything that is no letter, digit or apostrophe, without duplicates.</summary>
    public Func<string, ICollection<string>>? WordSegmenter { get; set; }

    /// <summary>The vector property to search; needed where there are several.</summary>
    public Expression<Func<TRecord, object?>>? VectorProperty { get; set; }

    /// <summary>
    /// The full-text property to search; null: every one of them (of a <see cref="SearchEngineCollection{TKey, TRecord}"/>; other
    /// connectors want one named).
    /// </summary>
    public Expression<Func<TRecord, object?>>? TextProperty { get; set; }

    /// <summary>Only hits of at least this fused score; null for all.</summary>
    public double? ScoreThreshold { get; set; }

    /// <summary>
    /// Weights of the two rankings (of a <see cref="SearchEngineCollection{TKey, TRecord}"/>); null takes the collection's.
    /// </summary>
    public FusionOptions? Fusion { get; set; }

    /// <summary>Makes the string of a record; null: the value of the property with <see cref="TextSearchResultValueAttribute"/>.</summary>
    public ITextSearchStringMapper? StringMapper { get; set; }

    /// <summary>
    /// Makes the result of a record; null: from the properties with <see cref="TextSearchResultValueAttribute"/>, -Name and -Link.
    /// </summary>
    public ITextSearchResultMapper? ResultMapper { get; set; }
}

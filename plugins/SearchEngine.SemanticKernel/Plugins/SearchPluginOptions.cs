namespace SearchEngine.SemanticKernel;

/// <summary>How a <see cref="SearchPlugin"/> works.</summary>
public sealed class SearchPluginOptions
{
    /// <summary>The collection that texts go to where nothing else is said.</summary>
    public const string DefaultCollectionName = "knowledge";

    /// <summary>Characters of a passage at most: about 250 English words, which embedding models of 512 tokens take whole.</summary>
    public const int DefaultPassageLength = 1500;

    /// <summary>Most passages of one search: more crowd out the conversation of a language model.</summary>
    public const int DefaultMaxResults = 20;

    /// <summary>The collection that holds the texts.</summary>
    public string CollectionName { get; set; } = DefaultCollectionName;

    /// <summary>Components of the embeddings; 0 takes what the generator states, or measures one embedding.</summary>
    public int Dimensions { get; set; }

    /// <summary>Longer texts are cut into passages of at most so many characters, at paragraphs and sentences.</summary>
    public int PassageLength { get; set; } = DefaultPassageLength;

    /// <summary>Passages that one search returns at most, whatever the model asks for.</summary>
    public int MaxResults { get; set; } = DefaultMaxResults;
}

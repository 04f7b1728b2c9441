using Microsoft.SemanticKernel.Data;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// A passage of an ingested text, as <see cref="SearchPlugin"/> stores it. Public, so that the collection can be opened with it.
/// </summary>
public sealed class SearchPassage
{
    /// <summary>The passage's key.</summary>
    public Guid Id { get; set; }

    /// <summary>Where the text is from; all passages of one text have the same.</summary>
    [TextSearchResultLink]
    public string Source { get; set; } = string.Empty;

    /// <summary>The text's title.</summary>
    [TextSearchResultName]
    public string Title { get; set; } = string.Empty;

    /// <summary>The passage.</summary>
    [TextSearchResultValue]
    public string Text { get; set; } = string.Empty;

    /// <summary>The passage's place in its text, from 0.</summary>
    public int Position { get; set; }

    /// <summary>When it was ingested.</summary>
    public DateTimeOffset IngestedAt { get; set; }

    /// <summary>What is embedded: title and passage. Not stored.</summary>
    public string? Embedding { get; set; }
}

using System.ComponentModel;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// A kernel plugin that gives a language model a searchable store of texts: search it, put a text in, take one out. Search is hybrid.
/// Thread-safe. <c>kernel.Plugins.AddFromObject(plugin, "knowledge")</c> adds it.
/// </summary>
public sealed class SearchPlugin : IDisposable
{
    private readonly SearchEngineVectorStore _store;
    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly SearchPluginOptions _options;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile SearchEngineCollection<Guid, SearchPassage>? _collection;

    /// <summary>Makes a plugin over a store. Store and generator stay the caller's.</summary>
    /// <param name="store">Holds the collection.</param>
    /// <param name="generator">Embeds passages, and queries unless the store has a query-side generator for it.</param>
    /// <param name="options">The collection's name and the passages' length.</param>
    public SearchPlugin(
        SearchEngineVectorStore store,
        IEmbeddingGenerator<string, Embedding<float>> generator,
        SearchPluginOptions? options = null
    )
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(generator);
        _store = store;
        _generator = generator;
        _options = options ?? new SearchPluginOptions();
        ArgumentException.ThrowIfNullOrWhiteSpace(_options.CollectionName, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.PassageLength, 50, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxResults, 1, nameof(options));
    }

    /// <summary>Searches the stored texts.</summary>
    [KernelFunction("search")]
    [Description(
        "Searches the knowledge store for passages about a topic, by meaning and by keywords together. Use it before answering a question that the stored texts may answer, and cite the passages used by their citation number and source."
    )]
    [return: Description("Passages, best first. Empty when nothing is stored or nothing matches.")]
    public async Task<IReadOnlyList<SearchPluginResult>> SearchAsync(
        [Description(
            "What to look for: a question or a short description in natural language, with the names and exact terms that matter."
        )]
            string query,
        [Description("How many passages to return.")] int count = 5,
        [Description("Only search the text of this source, as given when it was ingested. Leave out to search everything.")]
            string? source = null,
        CancellationToken cancellationToken = default
    )
    {
        if (string.IsNullOrWhiteSpace(query))
            return [];
        var collection = await GetCollectionAsync(cancellationToken).ConfigureAwait(false);
        var options = new HybridSearchOptions<SearchPassage>();
        if (!string.IsNullOrWhiteSpace(source))
            options.Filter = passage => passage.Source == source;
        var results = new List<SearchPluginResult>();
        var hits = collection.HybridSearchAsync(
            query,
            SearchEngineTextSearch<SearchPassage>.CutWords(query),
            Math.Clamp(count, 1, _options.MaxResults),
            options,
            cancellationToken
        );
        await foreach (var hit in hits.ConfigureAwait(false))
        {
            results.Add(
                new SearchPluginResult(
                    results.Count + 1,
                    hit.Record.Title,
                    hit.Record.Source,
                    hit.Record.Text,
                    hit.Score.GetValueOrDefault()
                )
            );
        }
        return results;
    }

    /// <summary>Stores a text, in place of what its source had before.</summary>
    [KernelFunction("ingest_text")]
    [Description(
        "Stores a text in the knowledge store, so that later searches find it. A text that was stored under the same source before is replaced."
    )]
    [return: Description("What was stored.")]
    public async Task<string> IngestTextAsync(
        [Description("The whole text to store.")] string text,
        [Description("A short title that says what the text is about.")] string title,
        [Description("Where the text is from: a file name, a URL, or a name to forget it by later. Leave out to use the title.")]
            string? source = null,
        CancellationToken cancellationToken = default
    )
    {
        if (string.IsNullOrWhiteSpace(text))
            return "Nothing stored: the text is empty.";
        title = string.IsNullOrWhiteSpace(title) ? text.Trim().Split('\n')[0].Trim() : title.Trim();
        source = string.IsNullOrWhiteSpace(source) ? title : source.Trim();
        var collection = await GetCollectionAsync(cancellationToken).ConfigureAwait(false);
        var now = DateTimeOffset.UtcNow;
        var passages = PassageSplitter
            .Split(text, _options.PassageLength)
            .Select(
                (passage, position) =>
                    new SearchPassage
                    {
                        Source = source,
                        Title = title,
                        Text = passage,
                        Position = position,
                        IngestedAt = now,
                        Embedding = $"{title}\n{passage}",
                    }
            )
            .ToList();

        // New before old: a failure in between leaves a text twice, never not at all.
        var old = new List<Guid>();
        await foreach (
            var passage in collection
                .GetAsync(p => p.Source == source, int.MaxValue, cancellationToken: cancellationToken)
                .ConfigureAwait(false)
        )
        {
            old.Add(passage.Id);
        }
        await collection.UpsertAsync(passages, cancellationToken).ConfigureAwait(false);
        await collection.DeleteAsync(old, cancellationToken).ConfigureAwait(false);
        return $"Stored '{title}' under source '{source}': {passages.Count} passage{(passages.Count == 1 ? "" : "s")}{(old.Count > 0 ? ", in place of an older version" : "")}.";
    }

    /// <summary>Removes a text.</summary>
    [KernelFunction("forget")]
    [Description("Removes a text from the knowledge store for good. Only use it when the user asks for it.")]
    [return: Description("What was removed.")]
    public async Task<string> ForgetAsync(
        [Description("The source of the text, as given when it was ingested or as a search result states it.")] string source,
        CancellationToken cancellationToken = default
    )
    {
        if (string.IsNullOrWhiteSpace(source))
            return "Nothing removed: no source was given.";
        source = source.Trim();
        var collection = await GetCollectionAsync(cancellationToken).ConfigureAwait(false);
        var removed = await collection.DeleteAsync(passage => passage.Source == source, cancellationToken).ConfigureAwait(false);
        return removed == 0
            ? $"Nothing is stored under source '{source}'."
            : $"Removed source '{source}': {removed} passage{(removed == 1 ? "" : "s")}.";
    }

    /// <summary>The plugin's collection, made if it does not exist.</summary>
    public async Task<SearchEngineCollection<Guid, SearchPassage>> GetCollectionAsync(CancellationToken cancellationToken = default)
    {
        if (_collection is { } ready)
            return ready;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_collection is { } made)
                return made;
            var collection = _store.GetCollection<Guid, SearchPassage>(
                _options.CollectionName,
                Define(await GetDimensionsAsync(cancellationToken).ConfigureAwait(false))
            );
            await collection.EnsureCollectionExistsAsync(cancellationToken).ConfigureAwait(false);
            return _collection = collection;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _collection?.Dispose();
        _gate.Dispose();
    }

    private VectorStoreCollectionDefinition Define(int dimensions) =>
        new()
        {
            Properties =
            [
                new VectorStoreKeyProperty(nameof(SearchPassage.Id), typeof(Guid)) { IsAutoGenerated = true },
                new VectorStoreDataProperty(nameof(SearchPassage.Source), typeof(string)) { IsIndexed = true },
                new VectorStoreDataProperty(nameof(SearchPassage.Title), typeof(string)),
                new VectorStoreDataProperty(nameof(SearchPassage.Text), typeof(string)) { IsFullTextIndexed = true },
                new VectorStoreDataProperty(nameof(SearchPassage.Position), typeof(int)),
                new VectorStoreDataProperty(nameof(SearchPassage.IngestedAt), typeof(DateTimeOffset)) { IsIndexed = true },
                new VectorStoreVectorProperty(nameof(SearchPassage.Embedding), typeof(string), dimensions)
                {
                    EmbeddingGenerator = _generator,
                },
            ],
        };

    private async Task<int> GetDimensionsAsync(CancellationToken cancellationToken)
    {
        if (_options.Dimensions > 0)
            return _options.Dimensions;
        if (
            _generator.GetService(typeof(EmbeddingGeneratorMetadata)) is EmbeddingGeneratorMetadata
            {
                DefaultModelDimensions: > 0 and var stated
            }
        )
        {
            return stated;
        }
        return (await _generator.GenerateVectorAsync("dimensions", cancellationToken: cancellationToken).ConfigureAwait(false)).Length;
    }
}

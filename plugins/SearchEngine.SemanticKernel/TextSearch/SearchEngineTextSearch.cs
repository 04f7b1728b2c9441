using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel.Data;

namespace SearchEngine.SemanticKernel;

#pragma warning disable CS0618 // The older ITextSearch is obsolete, and is what the CreateWith…Search… plugin helpers extend.

/// <summary>
/// Semantic Kernel's text search by hybrid search: the query is embedded for the vector ranking and cut into keywords for the keyword
/// ranking,
/// and the two are fused. Works over any connector's hybrid-searchable collection. Thread-safe.
/// </summary>
/// <remarks>
/// <c>textSearch.CreateWithGetTextSearchResults("search")</c> makes a plugin of it. Totals are not counted: TotalCount is null.
/// </remarks>
public sealed class SearchEngineTextSearch<TRecord> : ITextSearch<TRecord>, ITextSearch
    where TRecord : class
{
    private readonly IKeywordHybridSearchable<TRecord> _searchable;
    private readonly SearchEngineTextSearchOptions<TRecord> _options;
    private readonly ITextSearchStringMapper _stringMapper;
    private readonly ITextSearchResultMapper _resultMapper;

    /// <summary>Makes a text search over a collection.</summary>
    public SearchEngineTextSearch(IKeywordHybridSearchable<TRecord> searchable, SearchEngineTextSearchOptions<TRecord>? options = null)
    {
        ArgumentNullException.ThrowIfNull(searchable);
        _searchable = searchable;
        _options = options ?? new SearchEngineTextSearchOptions<TRecord>();
        var reader = new Lazy<TextSearchRecordReader>(() => new TextSearchRecordReader(typeof(TRecord)));
        _stringMapper = _options.StringMapper ?? new TextSearchStringMapper(record => reader.Value.GetValue(record));
        _resultMapper = _options.ResultMapper ?? new TextSearchResultMapper(record => reader.Value.GetResult(record));
    }

    /// <inheritdoc />
    public Task<KernelSearchResults<string>> SearchAsync(
        string query,
        TextSearchOptions<TRecord>? searchOptions = null,
        CancellationToken cancellationToken = default
    ) =>
        RunAsync(
            query,
            searchOptions?.Filter,
            searchOptions?.Top,
            searchOptions?.Skip,
            _stringMapper.MapFromResultToString,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<KernelSearchResults<TextSearchResult>> GetTextSearchResultsAsync(
        string query,
        TextSearchOptions<TRecord>? searchOptions = null,
        CancellationToken cancellationToken = default
    ) =>
        RunAsync(
            query,
            searchOptions?.Filter,
            searchOptions?.Top,
            searchOptions?.Skip,
            _resultMapper.MapFromResultToTextSearchResult,
            cancellationToken
        );

    /// <inheritdoc />
    public Task<KernelSearchResults<TRecord>> GetSearchResultsAsync(
        string query,
        TextSearchOptions<TRecord>? searchOptions = null,
        CancellationToken cancellationToken = default
    ) => RunAsync(query, searchOptions?.Filter, searchOptions?.Top, searchOptions?.Skip, static record => record, cancellationToken);

    /// <inheritdoc />
    Task<KernelSearchResults<string>> ITextSearch.SearchAsync(
        string query,
        TextSearchOptions? searchOptions,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            query,
            ToFilter(searchOptions),
            searchOptions?.Top,
            searchOptions?.Skip,
            _stringMapper.MapFromResultToString,
            cancellationToken
        );

    /// <inheritdoc />
    Task<KernelSearchResults<TextSearchResult>> ITextSearch.GetTextSearchResultsAsync(
        string query,
        TextSearchOptions? searchOptions,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            query,
            ToFilter(searchOptions),
            searchOptions?.Top,
            searchOptions?.Skip,
            _resultMapper.MapFromResultToTextSearchResult,
            cancellationToken
        );

    /// <inheritdoc />
    Task<KernelSearchResults<object>> ITextSearch.GetSearchResultsAsync(
        string query,
        TextSearchOptions? searchOptions,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            query,
            ToFilter(searchOptions),
            searchOptions?.Top,
            searchOptions?.Skip,
            static record => (object)record,
            cancellationToken
        );

    /// <summary>The words of a query, for the keyword ranking.</summary>
    internal static ICollection<string> CutWords(string query)
    {
        var words = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var start = -1;
        for (var i = 0; i <= query.Length; i++)
        {
            var inWord = i < query.Length && (char.IsLetterOrDigit(query[i]) || char.IsSurrogate(query[i]) || query[i] is '\'' or '’');
            if (inWord && start < 0)
            {
                start = i;
            }
            else if (!inWord && start >= 0)
            {
                words.Add(query[start..i]);
                start = -1;
            }
        }

        return words;
    }

    private static Expression<Func<TRecord, bool>>? ToFilter(TextSearchOptions? options) =>
        TextSearchFilters.ToLambda<TRecord>(options?.Filter?.FilterClauses);

    private Task<KernelSearchResults<T>> RunAsync<T>(
        string query,
        Expression<Func<TRecord, bool>>? filter,
        int? top,
        int? skip,
        Func<TRecord, T> map,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(query);
        return Task.FromResult(
            new KernelSearchResults<T>(SearchAsync(query, filter, top ?? TextSearchOptions.DefaultTop, skip ?? 0, map, cancellationToken))
        );
    }

    private async IAsyncEnumerable<T> SearchAsync<T>(
        string query,
        Expression<Func<TRecord, bool>>? filter,
        int top,
        int skip,
        Func<TRecord, T> map,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrWhiteSpace(query))
            yield break;
        var keywords = (_options.WordSegmenter ?? CutWords)(query);
        var options = new SearchEngineHybridSearchOptions<TRecord>
        {
            Filter = filter,
            Skip = skip,
            VectorProperty = _options.VectorProperty,
            AdditionalProperty = _options.TextProperty,
            AllTextProperties = _options.TextProperty is null,
            ScoreThreshold = _options.ScoreThreshold,
            Fusion = _options.Fusion,
        };
        var results = _options.EmbeddingGenerator is { } generator
            ? _searchable.HybridSearchAsync(
                await generator.GenerateVectorAsync(query, cancellationToken: cancellationToken).ConfigureAwait(false),
                keywords,
                top,
                options,
                cancellationToken
            )
            : _searchable.HybridSearchAsync(query, keywords, top, options, cancellationToken);
        await foreach (var result in results.WithCancellation(cancellationToken).ConfigureAwait(false))
            yield return map(result.Record);
    }
}

using System.ComponentModel;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Server;
using SearchEngine.Ingestion;

namespace SearchEngine.Mcp;

/// <summary>
/// The tools: search, get, list_collections, ingest_text and forget. What a caller does wrong comes back as the tool's error with one
/// sentence. Thread-safe.
/// </summary>
[McpServerToolType]
public sealed class SearchTools(IToolDatabase database)
{
    private const int MaxTop = 50;
    private const int SnippetLength = 1_200;
    private const int MaxQueryLength = 20_000;
    private const int MaxTextLength = 2_000_000;

    /// <summary>Searches a collection.</summary>
    [McpServerTool(Name = "search", ReadOnly = true, Idempotent = true)]
    [Description("Finds the passages that answer a question or match words, best first, by meaning and by word.")]
    public Task<FoundPassages> SearchAsync(
        [Description("The question, or the words to look for.")] string query,
        [Description("The collection; the default one where left out.")] string? collection = null,
        [Description("How many passages, 1 to 50.")] int top = 5,
        [Description("A filter as JSON, like {\"source\": \"a.md\"} or {\"page\": {\"$gte\": 3}}.")] string? filter = null,
        CancellationToken cancellationToken = default
    ) =>
        GuardAsync(async () =>
        {
            if (string.IsNullOrWhiteSpace(query))
                throw new ArgumentException("The query is empty.");
            if (query.Length > MaxQueryLength)
                throw new ArgumentException($"The query has {query.Length} characters; at most {MaxQueryLength}.");
            if (top is < 1 or > MaxTop)
                throw new ArgumentException($"top is from 1 to {MaxTop}, not {top}.");
            var source = await database.OpenAsync(collection ?? database.DefaultCollection, cancellationToken).ConfigureAwait(false);
            var results = await source
                .FindAsync(
                    new SearchRequest
                    {
                        Text = query,
                        Mode = ModeOf(source.Schema),
                        Top = top,
                        Filter = ReadFilter(filter, source.Schema),
                        SnippetField = TextFieldOf(source.Schema),
                        SnippetLength = SnippetLength,
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            return new FoundPassages(source.Name, [.. results.Hits.Select(PassageOf)], results.Correction?.Text);
        });

    /// <summary>Reads one document.</summary>
    [McpServerTool(Name = "get", ReadOnly = true, Idempotent = true)]
    [Description("The whole document (passage) of a key that a search returned.")]
    public Task<StoredDocument> GetAsync(
        [Description("The key.")] string key,
        [Description("The collection; the default one where left out.")] string? collection = null,
        CancellationToken cancellationToken = default
    ) =>
        GuardAsync(async () =>
        {
            var source = await database.OpenAsync(collection ?? database.DefaultCollection, cancellationToken).ConfigureAwait(false);
            var document =
                await source
                    .GetAsync(DocumentJson.ParseKey(key, source.Schema.KeyKind), cancellationToken: cancellationToken)
                    .ConfigureAwait(false)
                ?? throw new ArgumentException($"Collection '{source.Name}' has no document '{key}'.");
            return new StoredDocument(
                key,
                document.Fields.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value)
            );
        });

    /// <summary>Lists the collections.</summary>
    [McpServerTool(Name = "list_collections", ReadOnly = true, Idempotent = true)]
    [Description("The collections that can be searched, with their sizes and fields.")]
    public Task<IReadOnlyList<ListedCollection>> ListCollectionsAsync(CancellationToken cancellationToken = default) =>
        GuardAsync<IReadOnlyList<ListedCollection>>(async () =>
        {
            var listed = new List<ListedCollection>();
            foreach (var name in await database.ListAsync(cancellationToken).ConfigureAwait(false))
            {
                try
                {
                    var collection = await database.OpenAsync(name, cancellationToken).ConfigureAwait(false);
                    var count = await collection.CountAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
                    listed.Add(new ListedCollection(name, count, [.. collection.Schema.Fields.Select(field => field.Name)]));
                }
                catch (Exception e) when (e is SearchDatabaseException or ObjectDisposedException)
                {
                    // Deleted since the names were read, or damaged: it cannot be searched, and the others can.
                }
            }

            return listed;
        });

    /// <summary>Takes in a text.</summary>
    [McpServerTool(Name = "ingest_text", Destructive = true, Idempotent = true)]
    [Description("Takes a text in, cut into passages, so that searches find it; replaces what was there of the same source.")]
    public Task<ChangedPassages> IngestTextAsync(
        [Description("The text.")] string text,
        [Description("Its title.")] string title,
        [Description("A name for it, such as a path or an address; made of the text where left out.")] string? source = null,
        [Description("The collection; the default one where left out.")] string? collection = null,
        CancellationToken cancellationToken = default
    ) =>
        GuardAsync(async () =>
        {
            if (string.IsNullOrWhiteSpace(text))
                throw new ArgumentException("The text is empty.");
            if (text.Length > MaxTextLength)
                throw new ArgumentException($"The text has {text.Length} characters; at most {MaxTextLength}: take it in in parts.");
            source ??= "text:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
            var target = await database
                .OpenForWritingAsync(collection ?? database.DefaultCollection, cancellationToken)
                .ConfigureAwait(false);
            RequireTexts(target.Schema);
            var chunks = new Chunker(database.Chunking)
                .Cut(new SourceDocument { Title = title, Sections = [new SourceSection([], null, text)] })
                .ToArray();
            var batch = new WriteBatch();
            await foreach (var old in KeysOf(target, source, cancellationToken).ConfigureAwait(false))
                batch.Delete(old);
            for (var i = 0; i < chunks.Length; i++)
                batch.Upsert(DocumentOf(target.Schema, chunks[i], title, source, i));
            await target.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            return new ChangedPassages(target.Name, source, chunks.Length);
        });

    /// <summary>Deletes what is of a source.</summary>
    [McpServerTool(Name = "forget", Destructive = true, Idempotent = true)]
    [Description("Deletes all passages of a source, so that no search finds them any more.")]
    public Task<ChangedPassages> ForgetAsync(
        [Description("The source, as it was given or as a search returned it.")] string source,
        [Description("The collection; the default one where left out.")] string? collection = null,
        CancellationToken cancellationToken = default
    ) =>
        GuardAsync(async () =>
        {
            var target = await database
                .OpenForWritingAsync(collection ?? database.DefaultCollection, cancellationToken)
                .ConfigureAwait(false);
            RequireTexts(target.Schema);
            var deleted = await target
                .DeleteAsync(DocumentFilter.Equal(IngestionSchema.SourceField, source), cancellationToken)
                .ConfigureAwait(false);
            return new ChangedPassages(target.Name, source, deleted);
        });

    private static async Task<T> GuardAsync<T>(Func<Task<T>> run)
    {
        try
        {
            return await run().ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is ArgumentException or UnauthorizedAccessException
                || e is SearchDatabaseException { Error: not (SearchDatabaseError.Corrupt or SearchDatabaseError.Storage) }
            )
        {
            throw new McpException(e.Message, e);
        }
    }

    private static SearchMode ModeOf(CollectionSchema schema) =>
        schema.Vectors.All(vector => vector.SourceField is null) ? SearchMode.Keyword
        : schema.Fields.Any(field => field.IsFullText) ? SearchMode.Hybrid
        : SearchMode.Vector;

    private static DocumentFilter? ReadFilter(string? filter, CollectionSchema schema)
    {
        if (string.IsNullOrWhiteSpace(filter))
            return null;
        try
        {
            using var json = JsonDocument.Parse(filter);
            return DocumentFilterJson.Read(json.RootElement, schema);
        }
        catch (JsonException e)
        {
            throw new ArgumentException("The filter is no JSON.", e);
        }
    }

    private static string? TextFieldOf(CollectionSchema schema) =>
        schema.FindField(IngestionSchema.TextField) is { Type: DataFieldType.String, IsList: false } ? IngestionSchema.TextField : null;

    private static FoundPassage PassageOf(SearchHit hit) =>
        new(
            hit.Key.ToString(),
            hit.Score,
            hit.Document[IngestionSchema.TitleField] as string,
            hit.Document[IngestionSchema.SourceField] as string,
            hit.Snippet?.Text ?? string.Empty
        );

    private static void RequireTexts(CollectionSchema schema)
    {
        if (
            schema.KeyKind != RecordKeyKind.String
            || TextFieldOf(schema) is null
            || schema.FindField(IngestionSchema.SourceField) is not { Type: DataFieldType.String, IsList: false }
        )
        {
            throw new ArgumentException(
                $"Collection '{schema.Name}' takes no texts: it lacks string keys, or the fields 'text' and 'source'."
            );
        }
    }

    private static async IAsyncEnumerable<RecordKey> KeysOf(
        ISearchCollection collection,
        string source,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var query = new RecordQuery { Filter = DocumentFilter.Equal(IngestionSchema.SourceField, source) };
        await foreach (var document in collection.QueryAsync(query, cancellationToken).ConfigureAwait(false))
            yield return document.Key;
    }

    private static Document DocumentOf(CollectionSchema schema, TextChunk chunk, string title, string source, int number)
    {
        var document = new Document(IngestionSchema.Key(source, number));
        foreach (
            var (name, value) in new (string, object?)[]
            {
                (IngestionSchema.TitleField, title),
                (IngestionSchema.TextField, chunk.Text),
                (IngestionSchema.HeadingField, chunk.Heading),
                (IngestionSchema.SourceField, source),
                (IngestionSchema.DocumentField, source),
                (IngestionSchema.ChunkField, number),
                (IngestionSchema.TypeField, "text"),
                (IngestionSchema.ModifiedField, DateTime.UtcNow),
            }
        )
        {
            if (schema.FindField(name) is not null)
                document[name] = value;
        }

        foreach (var vector in schema.Vectors.Where(vector => vector.SourceField == IngestionSchema.TextField))
            document.EmbeddingTexts[vector.Name] = chunk.EmbeddedText;
        return document;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using SearchEngine.Lexical;
using SearchEngine.Storage;
using SearchEngine.Vectors;

namespace SearchEngine;

public sealed partial class SearchCollection
{
    /// <summary>The record of a key; null where there is none. Vectors cost one more read each.</summary>
    public Document? Get(RecordKey key, bool includeVectors = false)
    {
        ThrowIfClosed();
        var encoded = EncodeKey(key);
        // A concurrent update moves the key to a new ordinal and deletes the old record: look again where that happened in between.
        for (var ordinal = FindOrdinal(encoded); ordinal >= 0;)
        {
            if (ReadDocument(ordinal, includeVectors) is { } document && document.Key == key) return document;
            var now = FindOrdinal(encoded);
            if (now == ordinal)
                throw Failed(SearchDatabaseError.Corrupt, $"Collection '{Name}' maps key '{key}' to ordinal {ordinal}, which holds another record or none. Run verify, then repair.");
            ordinal = now;
        }

        return null;
    }

    /// <summary>The records of the keys that exist, in the order of the keys.</summary>
    public IReadOnlyList<Document> Get(IReadOnlyCollection<RecordKey> keys, bool includeVectors = false)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var found = new List<Document>(keys.Count);
        foreach (var key in keys)
        {
            if (Get(key, includeVectors) is { } document) found.Add(document);
        }

        return found;
    }

    /// <summary>Whether a record of the key exists.</summary>
    public bool Contains(RecordKey key)
    {
        ThrowIfClosed();
        return FindOrdinal(EncodeKey(key)) >= 0;
    }

    /// <summary>All keys, in no particular order; writes during the enumeration may or may not be seen.</summary>
    public IEnumerable<RecordKey> ListKeys()
    {
        ThrowIfClosed();
        foreach (var ordinal in _live.Enumerate())
        {
            if (ReadDocument(ordinal, includeVectors: false) is { } document) yield return document.Key;
        }
    }

    /// <summary>A value set by <see cref="WriteBatch.SetMetadata"/>; null where there is none.</summary>
    public string? GetMetadata(string name)
    {
        ThrowIfClosed();
        ArgumentException.ThrowIfNullOrEmpty(name);
        var value = new ArrayBufferWriter<byte>();
        return Reading(() => _records.TryRead(RecordSpaces.Metadata, Encoding.UTF8.GetBytes(name), value)) ? Encoding.UTF8.GetString(value.WrittenSpan) : null;
    }

    /// <summary>All metadata whose name starts with the prefix, in no particular order. Reads the whole store: meant for hundreds of reads a session, not per request.</summary>
    public IEnumerable<KeyValuePair<string, string>> ListMetadata(string prefix = "")
    {
        ThrowIfClosed();
        var found = new List<KeyValuePair<string, string>>();
        Reading(() =>
        {
            _records.Scan(
                RecordSpaces.Metadata,
                (key, value) =>
                {
                    var name = Encoding.UTF8.GetString(key);
                    if (name.StartsWith(prefix, StringComparison.Ordinal)) found.Add(new(name, Encoding.UTF8.GetString(value)));
                },
                CancellationToken.None);
            return found.Count;
        });
        return found;
    }

    /// <summary>Records by filter, unranked; reads as it is enumerated. With a sort order the matching records are read first.</summary>
    /// <exception cref="ArgumentException">The query does not fit the schema.</exception>
    public IEnumerable<Document> Query(RecordQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ThrowIfClosed();
        ArgumentOutOfRangeException.ThrowIfNegative(query.Skip);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Top);
        foreach (var key in query.OrderBy)
        {
            if (key.Field == DocumentFilter.KeyField) continue;
            var field = Schema.FindField(key.Field) ?? throw new ArgumentException($"Collection '{Name}' has no data field '{key.Field}' to sort by.");
            if (field.IsList || field.Type == DataFieldType.Bytes) throw new ArgumentException($"Field '{key.Field}' has no order to sort by.");
        }

        var words = query.Filter is null ? _live.ToWords() : ResolveFilter(FilterBinder.Bind(Schema, query.Filter), cancellationToken);
        return query.OrderBy.Count == 0 ? InOrdinalOrder(query, words, cancellationToken) : Sorted(query, words, cancellationToken);
    }

    /// <summary>How many records match.</summary>
    public long CountWhere(DocumentFilter filter)
    {
        ThrowIfClosed();
        return Ordinals.Count(ResolveFilter(FilterBinder.Bind(Schema, filter), CancellationToken.None));
    }

    private IEnumerable<Document> InOrdinalOrder(RecordQuery query, ulong[] words, CancellationToken cancellationToken)
    {
        var skip = query.Skip;
        var left = query.Top;
        foreach (var ordinal in Ordinals.Enumerate(words))
        {
            if (left == 0) yield break;
            cancellationToken.ThrowIfCancellationRequested();
            if (skip > 0 && _live.Contains(ordinal))
            {
                skip--;
                continue;
            }

            if (ReadDocument(ordinal, query.IncludeVectors) is not { } document) continue;
            left--;
            yield return document;
        }
    }

    private IEnumerable<Document> Sorted(RecordQuery query, ulong[] words, CancellationToken cancellationToken)
    {
        var wanted = query.Top > int.MaxValue - query.Skip ? int.MaxValue : query.Top + query.Skip;
        var order = Comparer<(int Ordinal, object?[] Keys)>.Create((a, b) =>
        {
            for (var i = 0; i < query.OrderBy.Count; i++)
            {
                var compared = FieldValues.Compare(a.Keys[i], b.Keys[i]);
                if (compared != 0) return query.OrderBy[i].Descending ? -compared : compared;
            }

            return a.Ordinal.CompareTo(b.Ordinal);
        });
        var rows = new List<(int Ordinal, object?[] Keys)>();
        foreach (var ordinal in Ordinals.Enumerate(words))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (ReadDocument(ordinal, includeVectors: false) is not { } document) continue;
            rows.Add((ordinal, [.. query.OrderBy.Select(key => key.Field == DocumentFilter.KeyField ? document.Key.Value : document[key.Field])]));
        }

        rows.Sort(order);
        foreach (var (ordinal, _) in rows.Take(wanted).Skip(query.Skip))
        {
            if (ReadDocument(ordinal, query.IncludeVectors) is { } document) yield return document;
        }
    }

    private byte[] EncodeKey(RecordKey key)
    {
        if (key.Kind != Schema.KeyKind)
            throw new ArgumentException($"Collection '{Name}' has {Schema.KeyKind} keys; '{key}' is {(key.Kind == 0 ? "not set" : key.Kind)}.");
        return key.Encode();
    }

    /// <summary>The live ordinal of an encoded key; -1 where there is none.</summary>
    private int FindOrdinal(ReadOnlySpan<byte> key)
    {
        Span<byte> ordinal = stackalloc byte[4];
        try
        {
            return _records.Read(RecordSpaces.Key, key, ordinal) == 4 ? BinaryPrimitives.ReadInt32BigEndian(ordinal) : -1;
        }
        catch (StorageException e)
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Runs a read of the views with the leaves' errors turned into the database's own.</summary>
    private T Reading<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(e);
        }
    }

    /// <summary>Whether a view's file could not be read. Not other input/output errors: those of the caller's embedding generator pass as they are.</summary>
    private static bool IsUnreadable(Exception exception) => exception is StorageException or LexicalIndexException or VectorIndexException;

    /// <summary>The database's error for a file that cannot be read.</summary>
    private SearchDatabaseException Unreadable(Exception exception) => DatabaseErrors.Of(exception, _options.Directory, Name)!;

    /// <summary>The record of an ordinal; null where it was deleted or moved.</summary>
    private Document? ReadDocument(int ordinal, bool includeVectors)
    {
        Span<byte> key = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, ordinal);
        var buffer = t_readBuffer ??= new ArrayBufferWriter<byte>(4096);
        buffer.ResetWrittenCount();
        try
        {
            if (!_records.TryRead(RecordSpaces.Record, key, buffer)) return null;
            var document = DocumentCodec.Read(Schema, buffer.WrittenSpan);
            if (buffer.Capacity > MaxKeptBuffer) t_readBuffer = null;
            if (!includeVectors) return document;
            foreach (var vector in _vectors)
            {
                var components = new float[vector.Field.Dimension];
                if (vector.TryRead(ordinal, components)) document.Vectors[vector.Field.Name] = components;
            }

            // A record goes before its vectors: where it is still there, all of them were. Else the caller finds the newer one.
            return _vectors.Length > 0 && !_records.Contains(RecordSpaces.Record, key) ? null : document;
        }
        catch (Exception e) when (e is FormatException or StorageCorruptionException)
        {
            throw Failed(SearchDatabaseError.Corrupt, $"Record {ordinal} of collection '{Name}' is damaged: {e.Message} Run verify, then repair.", e);
        }
        catch (StorageException e)
        {
            throw Unreadable(e);
        }
    }

    private const int MaxKeptBuffer = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_readBuffer;
}

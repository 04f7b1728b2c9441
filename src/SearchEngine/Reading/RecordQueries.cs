using SearchEngine.Moments;

namespace SearchEngine.Reading;

/// <summary>
/// Reads without ranking: queries, listings, counts. Each enumeration sees one moment, however slowly it is read: that in which it began.
/// Thread-safe; an enumerator is for one thread at a time.
/// </summary>
internal sealed class RecordQueries(CollectionSchema schema, Timeline timeline, FilterResolver filters, RecordReader records)
{
    /// <summary>Checks a query, so that what does not fit is refused before the first record is asked for.</summary>
    /// <exception cref="ArgumentException">The query does not fit the schema.</exception>
    public DocumentFilter? Bind(RecordQuery query) => Bind(schema, query);

    /// <summary>As the other, by a schema alone.</summary>
    public static DocumentFilter? Bind(CollectionSchema schema, RecordQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Skip);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Top);
        foreach (var key in query.OrderBy)
        {
            if (key.Field == DocumentFilter.KeyField)
                continue;
            var field =
                schema.FindField(key.Field)
                ?? throw new ArgumentException($"Collection '{schema.Name}' has no data field '{key.Field}' to sort by.");
            if (field.IsList || field.Type == DataFieldType.Bytes)
                throw new ArgumentException($"Field '{key.Field}' has no order to sort by.");
        }

        return query.Filter is null ? null : FilterBinder.Bind(schema, query.Filter);
    }

    /// <summary>The records of a query, in a moment of its own.</summary>
    public IEnumerable<Document> Run(RecordQuery query, DocumentFilter? filter, CancellationToken cancellationToken)
    {
        using var lease = timeline.Lease();
        foreach (var document in Run(lease, query, filter, cancellationToken))
            yield return document;
    }

    /// <summary>The records of a query, in the moment of a lease.</summary>
    public IEnumerable<Document> Run(ReadLease lease, RecordQuery query, DocumentFilter? filter, CancellationToken cancellationToken)
    {
        var ordinals = Matching(lease, filter, cancellationToken);
        if (query.OrderBy.Count > 0)
            ordinals = Sorted(lease, query, ordinals, cancellationToken);
        foreach (var ordinal in ordinals.Skip(query.Skip).Take(query.Top))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return Read(lease, ordinal, query.IncludeVectors);
        }
    }

    /// <summary>All keys, in a moment of its own.</summary>
    public IEnumerable<RecordKey> ListKeys()
    {
        using var lease = timeline.Lease();
        foreach (var ordinal in Matching(lease, null, CancellationToken.None))
            yield return ReadKey(lease, ordinal);
    }

    /// <summary>
    /// A sample of one moment in which each record has the same chance, by ordinal: the bits of the live ones are in memory, so that only
    /// what is chosen is read.
    /// </summary>
    public IReadOnlyList<Document> Sample(int count, int seed, bool includeVectors, CancellationToken cancellationToken)
    {
        using var lease = timeline.Lease();
        var chosen = new List<int>();
        var random = new Random(seed);
        var seen = 0L;
        foreach (var ordinal in Matching(lease, null, cancellationToken))
        {
            seen++;
            if (chosen.Count < count)
                chosen.Add(ordinal);
            else if (random.NextInt64(seen) is var place && place < count)
                chosen[(int)place] = ordinal;
        }

        var documents = new List<Document>(chosen.Count);
        foreach (var ordinal in chosen)
        {
            cancellationToken.ThrowIfCancellationRequested();
            documents.Add(Read(lease, ordinal, includeVectors));
        }

        return documents;
    }

    /// <summary>How many records match a bound filter.</summary>
    public long Count(DocumentFilter filter, CancellationToken cancellationToken)
    {
        using var moment = timeline.Enter();
        return Ordinals.Count(filters.Resolve(moment.Moment, filter, cancellationToken));
    }

    private IEnumerable<int> Matching(ReadLease lease, DocumentFilter? filter, CancellationToken cancellationToken)
    {
        using var step = lease.Step();
        return filter is null ? step.Moment.Live.Enumerate() : Ordinals.Enumerate(filters.Resolve(step.Moment, filter, cancellationToken));
    }

    private Document Read(ReadLease lease, int ordinal, bool includeVectors)
    {
        using var step = lease.Step();
        return records.Read(ordinal, includeVectors);
    }

    private RecordKey ReadKey(ReadLease lease, int ordinal)
    {
        using var step = lease.Step();
        return records.ReadHead(ordinal).Key;
    }

    private IEnumerable<int> Sorted(ReadLease lease, RecordQuery query, IEnumerable<int> ordinals, CancellationToken cancellationToken)
    {
        var rows = new List<(int Ordinal, object?[] Keys)>();
        foreach (var ordinal in ordinals)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var document = Read(lease, ordinal, includeVectors: false);
            rows.Add(
                (ordinal, [.. query.OrderBy.Select(key => key.Field == DocumentFilter.KeyField ? document.Key.Value : document[key.Field])])
            );
        }

        rows.Sort(
            (a, b) =>
            {
                for (var i = 0; i < query.OrderBy.Count; i++)
                {
                    var compared = FieldValues.Compare(a.Keys[i], b.Keys[i]);
                    if (compared != 0)
                        return query.OrderBy[i].Descending ? -compared : compared;
                }

                return a.Ordinal.CompareTo(b.Ordinal);
            }
        );
        return rows.Select(row => row.Ordinal);
    }
}

using SearchEngine.Reading;

namespace SearchEngine.Sharding;

/// <summary>The order of <see cref="RecordQuery.OrderBy"/>, for whoever merges what several collections give in it.</summary>
public static class RecordOrder
{
    /// <summary>Compares two records by sort keys; 0 where they are equal in all.</summary>
    public static int Compare(IReadOnlyList<SortKey> keys, Document one, Document other)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        foreach (var key in keys)
        {
            var compared = FieldValues.Compare(ValueOf(one, key), ValueOf(other, key));
            if (compared != 0)
                return key.Descending ? -compared : compared;
        }

        return 0;
    }

    /// <summary>Checks a query as a collection of the schema does.</summary>
    /// <exception cref="ArgumentException">It does not fit.</exception>
    public static void Check(CollectionSchema schema, RecordQuery query) => RecordQueries.Bind(schema, query);

    private static object? ValueOf(Document document, SortKey key) =>
        key.Field == DocumentFilter.KeyField ? document.Key.Value : document[key.Field];
}

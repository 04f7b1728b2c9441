using System.Runtime.CompilerServices;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Makes keys for records that come without one: version-7 Guids (RFC 9562), which sort by time, or integers one above the largest that the
/// collection has. Collections of the same engine collection share one counter. Thread-safe.
/// </summary>
internal sealed class KeyGenerator
{
    private static readonly ConditionalWeakTable<SearchCollection, KeyGenerator> Generators = [];

    private readonly Lock _gate = new();
    private long _last = -1;

    private KeyGenerator() { }

    /// <summary>The generator of an engine collection.</summary>
    public static KeyGenerator For(SearchCollection collection) => Generators.GetValue(collection, static _ => new KeyGenerator());

    /// <summary>A key that no record of the collection has. The first integer key costs one pass over the collection's keys.</summary>
    /// <exception cref="InvalidOperationException">All 32-bit keys are used up.</exception>
    public RecordKey Next(SearchCollection collection, Type keyType)
    {
        if (keyType == typeof(Guid))
            return RecordKey.From(Guid.CreateVersion7());
        lock (_gate)
        {
            if (_last < 0)
                _last = collection.ListKeys().Select(ToNumber).DefaultIfEmpty(0).Max();
            RecordKey key;
            do
            {
                _last++;
                if (keyType == typeof(int) && _last > int.MaxValue)
                {
                    throw new InvalidOperationException(
                        $"Collection '{collection.Name}' has no 32-bit key left to generate; use long keys."
                    );
                }
                key = keyType == typeof(int) ? RecordKey.From((int)_last) : RecordKey.From(_last);
            } while (collection.Contains(key));
            return key;
        }
    }

    /// <summary>Takes notice of a key that the caller chose, so that it is not generated as well.</summary>
    public void Observe(RecordKey key)
    {
        if (key.Kind is not (RecordKeyKind.Int32 or RecordKeyKind.Int64))
            return;
        lock (_gate)
        {
            if (_last >= 0)
                _last = Math.Max(_last, ToNumber(key));
        }
    }

    private static long ToNumber(RecordKey key) => Math.Max(0, Convert.ToInt64(key.Value, null));
}

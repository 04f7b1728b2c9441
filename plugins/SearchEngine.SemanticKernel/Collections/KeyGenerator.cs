using System.Runtime.CompilerServices;

namespace SearchEngine.SemanticKernel;

/// <summary>
/// Makes keys for records that come without one: version-7 Guids (RFC 9562), which sort by time, or integers one above the largest that the
/// collection has. Collections of the same engine collection share one counter. Thread-safe.
/// </summary>
internal sealed class KeyGenerator
{
    private static readonly ConditionalWeakTable<ISearchCollection, KeyGenerator> Generators = [];

    /// <summary>One generates at a time: the first has the keys listed, and the others need what it finds.</summary>
    private readonly SemaphoreSlim _generating = new(1, 1);

    private long _largest;
    private bool _isListed;

    private KeyGenerator() { }

    /// <summary>The generator of an engine collection.</summary>
    public static KeyGenerator For(ISearchCollection collection) => Generators.GetValue(collection, static _ => new KeyGenerator());

    /// <summary>A key that no record of the collection has. The first integer key costs one pass over the collection's keys.</summary>
    /// <exception cref="InvalidOperationException">All 32-bit keys are used up.</exception>
    public async ValueTask<RecordKey> NextAsync(ISearchCollection collection, Type keyType, CancellationToken cancellationToken)
    {
        if (keyType == typeof(Guid))
            return RecordKey.From(Guid.CreateVersion7());
        await _generating.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!_isListed)
            {
                await foreach (var known in collection.ListKeysAsync(cancellationToken).ConfigureAwait(false))
                    Observe(known);
                _isListed = true;
            }

            RecordKey key;
            do
            {
                var number = Interlocked.Increment(ref _largest);
                if (keyType == typeof(int) && number > int.MaxValue)
                {
                    throw new InvalidOperationException(
                        $"Collection '{collection.Name}' has no 32-bit key left to generate; use long keys."
                    );
                }

                key = keyType == typeof(int) ? RecordKey.From((int)number) : RecordKey.From(number);
            } while (await collection.GetAsync(key, includeVectors: false, cancellationToken).ConfigureAwait(false) is not null);
            return key;
        }
        finally
        {
            _generating.Release();
        }
    }

    /// <summary>Takes notice of a key that the caller chose, so that it is not generated as well.</summary>
    public void Observe(RecordKey key)
    {
        if (key.Kind is not (RecordKeyKind.Int32 or RecordKeyKind.Int64))
            return;
        var number = Convert.ToInt64(key.Value, null);
        for (var largest = Volatile.Read(ref _largest); number > largest; )
        {
            var found = Interlocked.CompareExchange(ref _largest, number, largest);
            if (found == largest)
                return;
            largest = found;
        }
    }
}

using SearchEngine.Storage;

namespace SearchEngine;

/// <summary>Reads of short values straight into the caller's memory.</summary>
internal static class RecordStoreReads
{
    /// <summary>Copies a value into <paramref name="destination"/> if it fits; returns its length, or -1 where there is none.</summary>
    public static int Read(this RecordStore store, byte space, ReadOnlySpan<byte> key, Span<byte> destination)
    {
        var target = new Target(destination);
        store.TryRead(space, key, ref target, static (ref Target to, ReadOnlySpan<byte> value) => to.Take(value));
        return target.Length;
    }

    private ref struct Target(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Length = -1;

        public void Take(ReadOnlySpan<byte> value)
        {
            Length = value.Length;
            if (value.Length <= _destination.Length)
                value.CopyTo(_destination);
        }
    }
}

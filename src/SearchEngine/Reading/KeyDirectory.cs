using System.Buffers.Binary;
using SearchEngine.Moments;
using SearchEngine.Storage;

namespace SearchEngine.Reading;

/// <summary>
/// The map key → ordinal in the record store. It is changed in place; readers of a moment get that moment's answer. Thread-safe.
/// </summary>
internal sealed class KeyDirectory(RecordStore records, CollectionErrors errors)
{
    /// <summary>The ordinal that the map holds now; -1 for none. For the write loop: readers ask for a moment's.</summary>
    public int Mapped(ReadOnlySpan<byte> encodedKey)
    {
        Span<byte> ordinal = stackalloc byte[4];
        try
        {
            return records.Read(RecordSpaces.Key, encodedKey, ordinal) == 4 ? BinaryPrimitives.ReadInt32BigEndian(ordinal) : -1;
        }
        catch (StorageException e)
        {
            throw errors.Unreadable(e);
        }
    }

    /// <summary>The ordinal that a key had in a moment that the caller has entered; -1 for none.</summary>
    public int Find(CollectionMoment moment, RecordKey key) => Find(moment, key, key.Encode());

    /// <summary>As <see cref="Find(CollectionMoment, RecordKey)"/>, with the key's encoding at hand.</summary>
    public int Find(CollectionMoment moment, RecordKey key, ReadOnlySpan<byte> encodedKey) => moment.OrdinalOf(key, Mapped(encodedKey));

    public void Map(ReadOnlySpan<byte> encodedKey, int ordinal)
    {
        if (ordinal < 0)
        {
            records.Delete(RecordSpaces.Key, encodedKey);
            return;
        }

        Span<byte> value = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(value, ordinal);
        records.Upsert(RecordSpaces.Key, encodedKey, value);
    }
}

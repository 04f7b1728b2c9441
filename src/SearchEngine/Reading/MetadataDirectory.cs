using System.Buffers;
using System.Text;
using SearchEngine.Moments;
using SearchEngine.Storage;

namespace SearchEngine.Reading;

/// <summary>
/// The collection's own named values in the record store, changed in place; readers of a moment get that moment's. Thread-safe.
/// </summary>
internal sealed class MetadataDirectory(RecordStore records, CollectionErrors errors)
{
    /// <summary>The value that is stored now; null for none. For the write loop.</summary>
    public string? Stored(string name)
    {
        var value = new ArrayBufferWriter<byte>();
        try
        {
            return records.TryRead(RecordSpaces.Metadata, Encoding.UTF8.GetBytes(name), value)
                ? Encoding.UTF8.GetString(value.WrittenSpan)
                : null;
        }
        catch (StorageException e)
        {
            throw errors.Unreadable(e);
        }
    }

    /// <summary>The value of a moment that the caller has entered.</summary>
    public string? Get(CollectionMoment moment, string name) => moment.MetadataOf(name, Stored(name));

    /// <summary>All values of a moment whose name starts with the prefix. Reads the whole store.</summary>
    public IReadOnlyDictionary<string, string> List(CollectionMoment moment, string prefix)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            records.Scan(
                RecordSpaces.Metadata,
                (key, value) =>
                {
                    var name = Encoding.UTF8.GetString(key);
                    if (name.StartsWith(prefix, StringComparison.Ordinal))
                        found[name] = Encoding.UTF8.GetString(value);
                },
                CancellationToken.None
            );
        }
        catch (StorageException e)
        {
            throw errors.Unreadable(e);
        }

        // What changed since the moment may or may not have been met: the first change after it knows what was there.
        var decided = new HashSet<string>(StringComparer.Ordinal);
        for (var later = moment.Link.Next; later is not null; later = later.Next)
        {
            foreach (var (name, before) in later.Changes.Metadata)
            {
                if (!name.StartsWith(prefix, StringComparison.Ordinal) || !decided.Add(name))
                    continue;
                if (before is null)
                    found.Remove(name);
                else
                    found[name] = before;
            }
        }

        return found;
    }

    public void Set(string name, string? value)
    {
        var encoded = Encoding.UTF8.GetBytes(name);
        if (value is null)
            records.Delete(RecordSpaces.Metadata, encoded);
        else
            records.Upsert(RecordSpaces.Metadata, encoded, Encoding.UTF8.GetBytes(value));
    }
}

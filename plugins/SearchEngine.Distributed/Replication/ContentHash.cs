using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace SearchEngine.Distributed.Replication;

/// <summary>
/// What a collection holds as one value: the same for collections of the same records, whatever the order in which they were written, and
/// the sum over the shards is that of the whole. Keys, fields and vectors count; versions and metadata do not. A value.
/// </summary>
/// <param name="Records">How many records.</param>
/// <param name="Sum">The sum of the records' SHA-256 hashes, of the first 128 bits of each.</param>
public readonly record struct ContentHash(long Records, UInt128 Sum)
{
    /// <summary>The hash of a collection at one moment.</summary>
    public static async Task<ContentHash> OfAsync(ISearchCollection collection, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collection);
        var view = await collection.OpenViewAsync(cancellationToken).ConfigureAwait(false);
        await using (view.ConfigureAwait(false))
        {
            var hash = default(ContentHash);
            var bytes = new System.Buffers.ArrayBufferWriter<byte>();
            await foreach (
                var document in view.QueryAsync(new RecordQuery { IncludeVectors = true }, cancellationToken).ConfigureAwait(false)
            )
            {
                bytes.ResetWrittenCount();
                using (var json = new Utf8JsonWriter(bytes))
                    WriteBatchJson.Write(json, new WriteBatch().Upsert(document), collection.Schema);
                var record = SHA256.HashData(bytes.WrittenSpan);
                hash += new ContentHash(1, BinaryPrimitives.ReadUInt128LittleEndian(record));
            }

            return hash;
        }
    }

    /// <summary>The hash of both together, where no record is in both.</summary>
    public static ContentHash operator +(ContentHash left, ContentHash right) =>
        new(left.Records + right.Records, unchecked(left.Sum + right.Sum));

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{Records} records {Sum:x32}");
}

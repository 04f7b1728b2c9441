using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using SearchEngine.Storage;
using SearchEngine.Tests.Collections;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>Each kind of file, as a later version of the library would write it: with a higher version and sound checksums.</summary>
public sealed class NewerVersionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    public static TheoryData<string> Kinds() =>
        [
            "schema",
            "manifest",
            "write log",
            "log entry",
            "checkpoint",
            "index image",
            "block sums",
            "vector index",
            "keyword schema",
            "keyword segments",
        ];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_newer_file_is_refused_by_name_and_left_as_it_is(string kind)
    {
        await using (
            var database = await SearchDatabase.OpenAsync(
                TestCollections.Options(_directory.FullPath) with
                {
                    Storage = new StorageSettings { IndexImageBytes = 1 },
                }
            )
        )
        {
            await (await database.CreateCollectionAsync(TestCollections.Books)).UpsertAsync(TestCollections.Shelf);
        }
        var collection = Directory.GetDirectories(_directory.Combine("collections")).Single();
        await MakeNewerAsync(kind, collection);
        foreach (var readOnly in new[] { true, false })
        {
            await using var database = await SearchDatabase.OpenAsync(
                TestCollections.Options(_directory.FullPath) with
                {
                    ReadOnly = readOnly,
                }
            );
            var before = FolderState.Of(collection);
            var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => database.GetCollectionAsync(TestCollections.Books.Name));
            Assert.True(error.Error == SearchDatabaseError.UnsupportedFormat, $"{error.Error}: {error.Message}");
            Assert.Contains("version", error.Message);
            Assert.Contains("newer", error.Message);
            if (readOnly)
                Assert.Equal(before, FolderState.Of(collection));
        }
    }

    [Theory]
    [InlineData("log entry")]
    [InlineData("record")]
    public async Task Repair_refuses_what_a_newer_version_wrote_and_takes_nothing_away(string kind)
    {
        await using (var database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath)))
            await (await database.CreateCollectionAsync(TestCollections.Books)).UpsertAsync(TestCollections.Shelf);
        var files = new CollectionFiles(Directory.GetDirectories(_directory.Combine("collections")).Single());
        if (kind == "record")
            await MakeRecordNewerAsync(files);
        else
            AppendNewerEntry(files);
        var before = Derived(files);
        await using (var database = await SearchDatabase.OpenAsync(TestCollections.Options(_directory.FullPath)))
        {
            for (var attempt = 0; attempt < 2; attempt++)
            {
                var error = await Assert.ThrowsAsync<SearchDatabaseException>(() =>
                    database.RepairCollectionAsync(TestCollections.Books.Name)
                );
                Assert.True(error.Error == SearchDatabaseError.UnsupportedFormat, $"{error.Error}: {error.Message}");
                Assert.Contains("newer version", error.Message);
            }

            Assert.Equal(before, Derived(files));
            if (kind == "record")
            {
                var books = await database.GetCollectionAsync(TestCollections.Books.Name);
                var error = Assert.Throws<SearchDatabaseException>(() => books.ListKeys().Count());
                Assert.True(error.Error == SearchDatabaseError.UnsupportedFormat, $"{error.Error}: {error.Message}");
                Assert.DoesNotContain("repair", error.Message);
                Assert.Contains(
                    (await books.VerifyAsync()).Problems,
                    problem => problem.Contains("newer version", StringComparison.Ordinal)
                );
            }
        }

        if (kind == "record")
            return;
        using var log = WriteLog.Open(files.Log, new WriteLogOptions());
        var versions = new List<byte>();
        log.ReadFrom(log.BeginAddress, (entry, _) => versions.Add(entry[0]));
        Assert.Equal(LogBatchCodec.FormatVersion + 1, versions[^1]);

        static IReadOnlyList<string> Derived(CollectionFiles files) =>
            [
                .. FolderState.Of(files.Graph),
                .. FolderState.Of(files.Lexical).Where(line => !line.Contains("write.lock", StringComparison.Ordinal)),
            ];
    }

    /// <summary>Writes one of the records with a higher version, and a manifest that names that state.</summary>
    private static async Task MakeRecordNewerAsync(CollectionFiles files)
    {
        var manifest = ManifestCodec.Read(files);
        using var records = RecordStore.Recover(files.Records, new RecordStoreOptions(), manifest.Records);
        byte[] key = [],
            record = [];
        records.Scan(RecordSpaces.Record, (k, value) => (key, record) = (k.ToArray(), value.ToArray()), CancellationToken.None);
        record[0] = DocumentCodec.FormatVersion + 1;
        records.Upsert(RecordSpaces.Record, key, record);
        ManifestCodec.Write(files.Directory, manifest with { Records = await records.CheckpointAsync() }, StorageDisk.Real);
    }

    private static async Task MakeNewerAsync(string kind, string collection)
    {
        switch (kind)
        {
            case "schema":
                var body = File.ReadAllLines(Path.Combine(collection, "schema.json"))[0]
                    .Replace("\"formatVersion\":1", "\"formatVersion\":2");
                File.WriteAllText(
                    Path.Combine(collection, "schema.json"),
                    $"{body}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}\n"
                );
                break;
            case "manifest":
                Patch(
                    Newest(collection, "MANIFEST-*"),
                    bytes =>
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), CheckpointManifest.CurrentFormatVersion + 1);
                        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), Checksum.Compute(bytes.AsSpan(0, 16)));
                    }
                );
                break;
            case "write log":
                Patch(
                    Newest(Path.Combine(collection, "log"), "write-*.log"),
                    bytes =>
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 2);
                        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Checksum.Compute(bytes.AsSpan(0, 60)));
                    }
                );
                break;
            case "log entry":
                AppendNewerEntry(new CollectionFiles(collection));
                break;
            case "checkpoint" or "index image":
                Patch(
                    Newest(Path.Combine(collection, "records"), kind == "checkpoint" ? "checkpoint-*.meta" : "index-*.meta"),
                    bytes =>
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 2);
                        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Checksum.Compute(bytes.AsSpan(0, 12), bytes.AsSpan(16)));
                    }
                );
                break;
            case "block sums":
                Patch(
                    Newest(Path.Combine(collection, "records"), "records.log.*.sums"),
                    bytes =>
                    {
                        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 2);
                        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Checksum.Compute(bytes.AsSpan(0, 12)));
                    }
                );
                break;
            case "vector index":
                await MakeVectorIndexNewerAsync(new CollectionFiles(collection));
                break;
            case "keyword schema":
                foreach (var path in Directory.GetFiles(Path.Combine(collection, "lexical"), "segments_*"))
                    PatchLucene(path, bytes => bytes[bytes.AsSpan().IndexOf("{\"Version\":1"u8) + "{\"Version\":".Length] = (byte)'9');
                break;
            case "keyword segments":
                // Lucene's header: magic i32, the codec's name, version i32, big-endian.
                foreach (var path in Directory.GetFiles(Path.Combine(collection, "lexical"), "segments_*"))
                    PatchLucene(path, bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 + 1 + bytes[4]), 99));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown kind.");
        }
    }

    /// <summary>Appends an entry of a higher version, sound by its frame.</summary>
    private static void AppendNewerEntry(CollectionFiles files)
    {
        using var log = WriteLog.Open(files.Log, new WriteLogOptions());
        var entry = new byte[LogBatchCodec.HeaderBytes + 8];
        entry[0] = LogBatchCodec.FormatVersion + 1;
        log.Append(entry);
    }

    /// <summary>Writes the index's header with a higher version into the graph store, and a manifest that names that state.</summary>
    private static async Task MakeVectorIndexNewerAsync(CollectionFiles files)
    {
        const int Slot = -1;
        var manifest = ManifestCodec.Read(files);
        using var graph = RecordStore.Recover(
            files.Graph,
            new RecordStoreOptions { MemoryBytes = RecordStoreOptions.MinimumMemoryBytes },
            manifest.Graph
        );
        var key = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, Slot);
        var header = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.True(graph.TryRead(RecordSpaces.FirstGraph, key, header));
        var bytes = header.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(4)) + 1));
        graph.Upsert(RecordSpaces.FirstGraph, key, bytes);
        ManifestCodec.Write(files.Directory, manifest with { Graph = await graph.CheckpointAsync() }, StorageDisk.Real);
    }

    private static string Newest(string directory, string pattern) =>
        Directory.GetFiles(directory, pattern).Order(StringComparer.Ordinal).Last();

    private static void Patch(string path, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }

    /// <summary>As <see cref="Patch"/>, with the CRC-32 in the last eight bytes made to agree.</summary>
    private static void PatchLucene(string path, Action<byte[]> change) =>
        Patch(
            path,
            bytes =>
            {
                change(bytes);
                var crc = uint.MaxValue;
                foreach (var value in bytes.AsSpan(0, bytes.Length - 8))
                {
                    crc ^= value;
                    for (var bit = 0; bit < 8; bit++)
                        crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
                }

                BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(bytes.Length - 8), ~crc);
            }
        );
}

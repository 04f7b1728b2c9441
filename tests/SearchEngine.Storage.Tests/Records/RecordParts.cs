using System.Buffers.Binary;
using SearchEngine.Storage.Records;
using SearchEngine.TestSupport;

namespace SearchEngine.Storage.Tests.Records;

/// <summary>The parts of a record store, put together without the store: each is tested by itself over the ones below it.</summary>
internal sealed class RecordParts : IDisposable
{
    public const byte Space = 7;

    private readonly TemporaryDirectory _directory = new();

    public RecordParts(StorageDisk? files = null)
    {
        var options = new RecordStoreOptions
        {
            MemoryBytes = 4 << 20,
            SegmentBytes = 1 << 20,
            FileFactory = files ?? StorageDisk.Real,
        };
        Log = new RecordLog(_directory.FullPath, options, options.PageBytes, options.EffectiveSegmentBytes);
        Reader = new RecordReader(Log);
        Writer = new RecordWriter(Log, Reader);
        Scanner = new RecordScanner(Log, Reader, Writer);
        Meter = new RecordSpaceMeter(Log, Reader, Writer, Scanner);
        Compactor = new RecordCompactor(Log, Scanner, Writer, new SemaphoreSlim(1, 1));
        Checkpointer = new RecordCheckpointer(Log, Writer, Meter);
    }

    public RecordLog Log { get; }

    public RecordReader Reader { get; }

    public RecordWriter Writer { get; }

    public RecordScanner Scanner { get; }

    public RecordSpaceMeter Meter { get; }

    public RecordCompactor Compactor { get; }

    public RecordCheckpointer Checkpointer { get; }

    public void Write(int key, byte[]? value) => Writer.Change(Space, Key(key), value, deleted: value is null);

    public byte[]? Read(int key)
    {
        byte[]? found = null;
        return Reader.TryRead(Space, Key(key), ref found, static (ref state, value) => state = value.ToArray()) ? found : null;
    }

    public Dictionary<int, byte[]> Scan()
    {
        var all = new Dictionary<int, byte[]>();
        Scanner.Scan(Space, (key, value) => all.Add(BinaryPrimitives.ReadInt32BigEndian(key), value.ToArray()), CancellationToken.None);
        return all;
    }

    public static byte[] Key(int key)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key);
        return bytes;
    }

    public static byte[] Value(int seed, int length)
    {
        var value = new byte[length];
        new Random(seed).NextBytes(value);
        return value;
    }

    public void Dispose()
    {
        Log.Dispose();
        _directory.Dispose();
    }
}

using System.Buffers.Binary;
using SearchEngine.Storage;

namespace SearchEngine.Workloads.Store;

/// <summary>
/// Write log and record store put together as the engine does: log, durable, then records and vectors; a checkpoint truncates the log.
/// </summary>
internal sealed class LoggedStore : IDisposable
{
    private const byte RecordSpace = 1;
    private const byte VectorSpace = 2;

    private readonly string _directory;
    private readonly ReaderWriterLockSlim _applied = new();

    private LoggedStore(string directory, WriteLog log, RecordStore records)
    {
        _directory = directory;
        Log = log;
        Records = records;
    }

    public WriteLog Log { get; }

    public RecordStore Records { get; }

    public static LoggedStore Open(string directory, long memoryBytes)
    {
        var options = new RecordStoreOptions { MemoryBytes = memoryBytes };
        var manifest = CheckpointManifest.ReadNewest(directory);
        var log = WriteLog.Open(Path.Combine(directory, "log"), new WriteLogOptions());
        var path = Path.Combine(directory, "records");
        var records = manifest is null ? RecordStore.Create(path, options) : RecordStore.Recover(path, options, manifest.Records);
        var store = new LoggedStore(directory, log, records);
        log.ReadFrom(manifest?.LogAddress ?? 0, (entry, _) => store.Apply(entry), default);
        return store;
    }

    /// <summary>Writes a batch; it is on the disk when the call returns.</summary>
    public void Write(ReadOnlySpan<byte> pairs)
    {
        _applied.EnterReadLock();
        try
        {
            Log.WaitUntilDurable(Log.Append(pairs));
            Apply(pairs);
        }
        finally
        {
            _applied.ExitReadLock();
        }
    }

    public void Put(int number, int version)
    {
        Span<byte> key = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(key, number);
        Records.Upsert(RecordSpace, key, StoreData.Record(number, version));
        Records.Upsert(VectorSpace, key, StoreData.Vector(number, version));
    }

    /// <summary>Reads record and vector; returns their bytes together, 0 where they are missing.</summary>
    public int Read(int number)
    {
        Span<byte> key = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(key, number);
        var bytes = 0;
        Records.TryRead(RecordSpace, key, ref bytes, static (ref int sum, ReadOnlySpan<byte> value) => sum += value.Length);
        Records.TryRead(VectorSpace, key, ref bytes, static (ref int sum, ReadOnlySpan<byte> value) => sum += value.Length);
        return bytes;
    }

    /// <summary>Throws unless record and vector are those of a version.</summary>
    public void Verify(int number, int version)
    {
        Span<byte> key = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(key, number);
        var state = (Number: number, Version: version, Same: 0);
        Records.TryRead(
            RecordSpace,
            key,
            ref state,
            static (ref (int Number, int Version, int Same) s, ReadOnlySpan<byte> value) =>
                s.Same += value.SequenceEqual(StoreData.Record(s.Number, s.Version)) ? 1 : 0
        );
        Records.TryRead(
            VectorSpace,
            key,
            ref state,
            static (ref (int Number, int Version, int Same) s, ReadOnlySpan<byte> value) =>
                s.Same += value.SequenceEqual(StoreData.Vector(s.Number, s.Version)) ? 1 : 0
        );
        if (state.Same != 2)
            throw new InvalidDataException($"Record {number} is not what was written last.");
    }

    /// <summary>Takes a checkpoint; <paramref name="whole"/> is called when it is whole and what it replaces is still there.</summary>
    public void Checkpoint(Action? whole = null)
    {
        _applied.EnterWriteLock();
        var address = Log.TailAddress;
        _applied.ExitWriteLock();
        Log.Flush();
        var checkpoint = Records.CheckpointAsync().GetAwaiter().GetResult();
        new CheckpointManifest { LogAddress = address, Records = checkpoint }.Write(_directory);
        whole?.Invoke();
        Log.TruncateBefore(address);
        Records.RemoveCheckpointsExcept(checkpoint);
    }

    public void Dispose()
    {
        Records.Dispose();
        Log.Dispose();
    }

    private void Apply(ReadOnlySpan<byte> pairs)
    {
        for (; pairs.Length >= StoreData.PairBytes; pairs = pairs[StoreData.PairBytes..])
        {
            Records.Upsert(RecordSpace, pairs[..sizeof(int)], pairs.Slice(sizeof(int), StoreData.RecordBytes));
            Records.Upsert(VectorSpace, pairs[..sizeof(int)], pairs.Slice(sizeof(int) + StoreData.RecordBytes, StoreData.VectorBytes));
        }
    }
}

using System.Buffers.Binary;

namespace SearchEngine.Storage.Tests;

/// <summary>
/// The storage half of the engine in small: a write goes to the log, is durable, then goes to the records; a checkpoint notes a log
/// address at which all is applied. Thread-safe, as long as a key is written by one thread.
/// </summary>
internal sealed class TestDatabase : IDisposable
{
    public const byte Space = 5;

    private readonly string _manifests;
    private readonly StorageDisk _disk;
    private readonly ReaderWriterLockSlim _applied = new();
    private readonly SemaphoreSlim _checkpoint = new(1, 1);
    private readonly WriteLog _log;
    private readonly RecordStore _records;

    private TestDatabase(string manifests, StorageDisk disk, WriteLog log, RecordStore records)
    {
        _manifests = manifests;
        _disk = disk;
        _log = log;
        _records = records;
    }

    public RecordStore Records => _records;

    public static RecordStoreOptions RecordOptions(StorageDisk? files) =>
        new()
        {
            MemoryBytes = 4 << 20,
            SegmentBytes = 1 << 20,
            IndexImageBytes = 128 << 10,
            HashIndexBytes = 16 << 10,
            FileFactory = files ?? StorageDisk.Real,
        };

    public static TestDatabase Open(string directory, StorageDisk? files = null, RecordStoreOptions? recordOptions = null)
    {
        var logOptions = new WriteLogOptions { SegmentBytes = 256 << 10, FileFactory = files ?? StorageDisk.Real };
        var options = recordOptions ?? RecordOptions(files);
        var manifest = CheckpointManifest.ReadNewest(directory);
        var log = WriteLog.Open(System.IO.Path.Combine(directory, "log"), logOptions);
        RecordStore? records = null;
        try
        {
            var from = manifest?.LogAddress ?? 0;
            if (from < log.BeginAddress || from > log.TailAddress)
            {
                throw new StorageCorruptionException(
                    $"The log holds {log.BeginAddress} to {log.TailAddress}; the checkpoint needs {from}.",
                    directory
                );
            }
            var path = System.IO.Path.Combine(directory, "records");
            records = manifest is null ? RecordStore.Create(path, options) : RecordStore.Recover(path, options, manifest.Records);
            var database = new TestDatabase(directory, options.FileFactory, log, records);
            log.ReadFrom(from, (entry, _) => database.Apply(entry), default);
            return database;
        }
        catch
        {
            records?.Dispose();
            log.Abandon();
            throw;
        }
    }

    /// <summary>Sets (or with null removes) the value of a key; when it returns the change is acknowledged.</summary>
    public void Write(int key, byte[]? value)
    {
        var entry = new byte[5 + (value?.Length ?? 0)];
        BinaryPrimitives.WriteInt32LittleEndian(entry, key);
        entry[4] = value is null ? (byte)1 : (byte)0;
        value?.CopyTo(entry, 5);
        _applied.EnterReadLock();
        try
        {
            _log.WaitUntilDurable(_log.Append(entry));
            Apply(entry);
        }
        finally
        {
            _applied.ExitReadLock();
        }
    }

    public byte[]? Read(int key)
    {
        byte[]? found = null;
        _records.TryRead(Space, Key(key), ref found, static (ref byte[]? state, ReadOnlySpan<byte> value) => state = value.ToArray());
        return found;
    }

    public Dictionary<int, byte[]> ReadAll()
    {
        var all = new Dictionary<int, byte[]>();
        _records.Scan(Space, (key, value) => all.Add(BinaryPrimitives.ReadInt32BigEndian(key), value.ToArray()), default);
        return all;
    }

    public async Task CheckpointAsync()
    {
        await _checkpoint.WaitAsync();
        try
        {
            long address;
            _applied.EnterWriteLock();
            try
            {
                address = _log.TailAddress;
            }
            finally
            {
                _applied.ExitWriteLock();
            }

            _log.Flush();
            var checkpoint = await _records.CheckpointAsync();
            new CheckpointManifest { LogAddress = address, Records = checkpoint }.Write(_manifests, _disk);
            _log.TruncateBefore(address);
            _records.RemoveCheckpointsExcept(checkpoint);
        }
        finally
        {
            _checkpoint.Release();
        }
    }

    /// <summary>Ends as a killed process does: what is not acknowledged may be missing.</summary>
    public void Abandon()
    {
        _log.Abandon();
        _records.Dispose();
    }

    public void Dispose()
    {
        _records.Dispose();
        _log.Dispose();
    }

    private void Apply(ReadOnlySpan<byte> entry)
    {
        var key = Key(BinaryPrimitives.ReadInt32LittleEndian(entry));
        if (entry[4] == 1)
            _records.Delete(Space, key);
        else
            _records.Upsert(Space, key, entry[5..]);
    }

    private static byte[] Key(int key)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, key);
        return bytes;
    }
}

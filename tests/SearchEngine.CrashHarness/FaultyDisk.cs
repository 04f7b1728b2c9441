using System.Text;
using Lucene.Net.Store;
using SearchEngine.Storage;
using SearchEngine.TestDisks;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.CrashHarness;

/// <summary>What the disk does wrong.</summary>
internal enum DiskFault
{
    /// <summary>One write fails, nothing of it arrives.</summary>
    WriteError,

    /// <summary>Half of a write arrives; from then on every operation fails, as where the power is cut.</summary>
    TornWrite,

    /// <summary>No file may grow any more; of the first write that would grow one, what fits arrives.</summary>
    FullDisk,

    /// <summary>One fsync fails.</summary>
    FlushError,

    /// <summary>One read fails.</summary>
    ReadError,
}

/// <summary>
/// A disk under the write log, both record stores (FASTER's device), the manifest and Lucene that fails when told to. Thread-safe.
/// </summary>
internal sealed class FaultyDisk : StorageDisk
{
    private const int Unarmed = int.MaxValue;
    private volatile DiskFaultPlan? _plan;
    private int _left = Unarmed;
    private volatile bool _off;
    private volatile bool _full;

    private sealed record DiskFaultPlan(DiskFault Fault, string Where);

    /// <summary>Whether the fault has happened since it was armed.</summary>
    public bool Happened { get; private set; }

    /// <summary>The fault happens at the n-th operation of its kind on a file whose path holds <paramref name="where"/>.</summary>
    public void Arm(DiskFault fault, string where, int operations)
    {
        Happened = false;
        _plan = new DiskFaultPlan(fault, where);
        Volatile.Write(ref _left, operations);
    }

    public void Heal()
    {
        _plan = null;
        Volatile.Write(ref _left, Unarmed);
        _off = false;
        _full = false;
    }

    public override StorageFile Open(string path, FileMode mode, FileAccess access)
    {
        ThrowIfOff();
        return new FaultyFile(this, path, mode, access);
    }

    public override void Move(string from, string to)
    {
        ThrowIfOff();
        base.Move(from, to);
    }

    public override void Delete(string path)
    {
        ThrowIfOff();
        base.Delete(path);
    }

    public override void FlushDirectory(string path)
    {
        if (Strikes([DiskFault.FlushError], path))
            throw new IOException("Input/output error.");
        base.FlushDirectory(path);
    }

    public Directory Wrap(Directory storage) => new FaultyDirectory(this, storage);

    private void ThrowIfOff()
    {
        if (_off)
            throw new IOException("Input/output error (the power is off).");
    }

    private bool Strikes(DiskFault[] kinds, string path)
    {
        ThrowIfOff();
        if (_plan is not { } plan || !kinds.Contains(plan.Fault) || !path.Contains(plan.Where, StringComparison.Ordinal))
            return false;
        if (Volatile.Read(ref _left) <= 0 || Interlocked.Decrement(ref _left) != 0)
            return false;
        Happened = true;
        return true;
    }

    /// <summary>
    /// How many bytes of a write arrive; all of them where nothing is wrong. The caller throws <see cref="WriteFailure"/> where fewer do.
    /// </summary>
    private int Arriving(int count, bool grows, string path)
    {
        if (Strikes([DiskFault.WriteError, DiskFault.TornWrite, DiskFault.FullDisk], path))
        {
            switch (_plan!.Fault)
            {
                case DiskFault.TornWrite:
                    _off = true;
                    return count / 2;
                case DiskFault.FullDisk:
                    _full = true;
                    return grows ? count / 3 : count;
                default:
                    return 0;
            }
        }

        return _full && grows ? 0 : count;
    }

    private IOException WriteFailure() => _full ? DiskErrors.Full() : new IOException("Input/output error.");

    private sealed class FaultyFile(FaultyDisk disk, string path, FileMode mode, FileAccess access) : StorageFile(path, mode, access)
    {
        public override void Write(ReadOnlySpan<byte> data, long offset)
        {
            var arriving = disk.Arriving(data.Length, offset + data.Length > Length, Path);
            if (arriving > 0)
                base.Write(data[..arriving], offset);
            if (arriving < data.Length)
                throw disk.WriteFailure();
        }

        public override int Read(Span<byte> data, long offset)
        {
            if (disk.Strikes([DiskFault.ReadError], Path))
                throw new IOException("Input/output error.");
            return base.Read(data, offset);
        }

        public override void Flush()
        {
            if (disk.Strikes([DiskFault.FlushError], Path))
                throw new IOException("Input/output error.");
            base.Flush();
        }

        public override void SetLength(long length)
        {
            disk.ThrowIfOff();
            base.SetLength(length);
        }
    }

    private sealed class FaultyDirectory(FaultyDisk disk, Directory inner) : FilterDirectory(inner)
    {
        /// <summary>What Lucene's files are called in <see cref="Arm"/>.</summary>
        private static string PathOf(string name) => $"lexical/{name}";

        public override IndexOutput CreateOutput(string name, IOContext context)
        {
            if (disk.Arriving(1, grows: true, PathOf(name)) == 0)
                throw disk.WriteFailure();
            return new FaultyOutput(disk, base.CreateOutput(name, context), PathOf(name));
        }

        public override IndexInput OpenInput(string name, IOContext context)
        {
            if (disk.Strikes([DiskFault.ReadError], PathOf(name)))
                throw new IOException("Input/output error.");
            return base.OpenInput(name, context);
        }

        public override void Sync(ICollection<string> names)
        {
            if (disk.Strikes([DiskFault.FlushError], PathOf(string.Empty)))
                throw new IOException("Input/output error.");
            base.Sync(names);
        }

        public override void DeleteFile(string name)
        {
            disk.ThrowIfOff();
            base.DeleteFile(name);
        }
    }

    private sealed class FaultyOutput(FaultyDisk disk, IndexOutput output, string path) : IndexOutput
    {
        private bool _disposed;

        public override long Position => output.Position;

        public override long Checksum => output.Checksum;

        public override long Length => output.Length;

        public override void WriteByte(byte b) => WriteBytes([b], 0, 1);

        public override void WriteBytes(byte[] b, int offset, int length)
        {
            var arriving = disk.Arriving(length, grows: true, path);
            if (arriving > 0)
                output.WriteBytes(b, offset, arriving);
            if (arriving < length)
                throw disk.WriteFailure();
        }

        public override void Flush()
        {
            disk.ThrowIfOff();
            output.Flush();
        }

        [Obsolete("Lucene's own member is obsolete.")]
        public override void Seek(long pos) => output.Seek(pos);

        protected override void Dispose(bool disposing)
        {
            if (!disposing || _disposed)
                return;
            _disposed = true;
            output.Dispose();
        }

        public override string ToString() => new StringBuilder(path).Append(" over ").Append(output).ToString();
    }
}

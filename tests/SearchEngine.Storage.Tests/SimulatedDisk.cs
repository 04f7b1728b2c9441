using System.Collections.Concurrent;

namespace SearchEngine.Storage.Tests;

/// <summary>What the disk does wrong.</summary>
public enum Fault
{
    None,
    WriteError,
    TornWrite,
    FullDisk,
    FlushError,
    ReadError,
}

/// <summary>
/// A disk that remembers what was not forced to it, so that a loss of power can take or tear it (by sectors of 512 bytes), and that
/// fails after a number of operations. Thread-safe.
/// </summary>
internal sealed class SimulatedDisk
{
    private const int SectorBytes = 512;

    private readonly ConcurrentDictionary<string, FileState> _files = new();
    private readonly Fault _fault;
    private int _operationsUntilFault;
    private volatile bool _off;

    public SimulatedDisk(Fault fault = Fault.None, int operationsUntilFault = int.MaxValue)
    {
        _fault = fault;
        _operationsUntilFault = operationsUntilFault;
    }

    public bool FaultHappened { get; private set; }

    public StorageFile Open(string path, FileMode mode, FileAccess access)
    {
        if (_off) throw new IOException("No power.");
        var state = _files.GetOrAdd(System.IO.Path.GetFullPath(path), full => new FileState(!File.Exists(full)));
        return new SimulatedFile(this, state, path, mode, access);
    }

    /// <summary>From now on every operation fails.</summary>
    public void TurnOff() => _off = true;

    /// <summary>Takes back what was not forced to the disk, then lets a random part of it have arrived all the same. The files must be closed.</summary>
    public void LosePower(Random random)
    {
        foreach (var (path, state) in _files)
        {
            if (!File.Exists(path)) continue;
            using (var file = new StorageFile(path, FileMode.Open))
            {
                foreach (var change in Enumerable.Reverse(state.Unforced))
                {
                    file.Write(change.Before, change.Offset);
                    file.SetLength(change.LengthBefore);
                }

                foreach (var change in state.Unforced)
                {
                    if (change.After is null || random.Next(2) == 0) continue;
                    var kept = change.After.Length;
                    if (random.Next(2) == 0) kept = Math.Min(kept, random.Next(kept / SectorBytes + 1) * SectorBytes);
                    if (kept > 0) file.Write(change.After.AsSpan(0, kept), change.Offset);
                }
            }

            if (state.Created && !state.Forced && random.Next(2) == 0) File.Delete(path);
        }
    }

    private bool Strike(Fault[] kinds)
    {
        if (_off) throw new IOException("No power.");
        if (!kinds.Contains(_fault)) return false;
        var left = Interlocked.Decrement(ref _operationsUntilFault);
        if (left > 0 || (left < 0 && _fault != Fault.FullDisk)) return false;
        FaultHappened = true;
        return true;
    }

    private sealed record Change(long Offset, byte[] Before, long LengthBefore, byte[]? After);

    private sealed class FileState(bool created)
    {
        public bool Created { get; } = created;

        public bool Forced { get; set; }

        public List<Change> Unforced { get; } = [];
    }

    private sealed class SimulatedFile(SimulatedDisk disk, FileState state, string path, FileMode mode, FileAccess access) : StorageFile(path, mode, access)
    {
        public override void Write(ReadOnlySpan<byte> data, long offset)
        {
            lock (state)
            {
                if (disk.Strike([Fault.WriteError, Fault.TornWrite, Fault.FullDisk]))
                {
                    if (disk._fault == Fault.TornWrite && data.Length > 1) WriteRemembered(data[..(data.Length / 2)], offset);
                    throw new IOException(disk._fault == Fault.FullDisk ? "No space left on device." : "Input/output error.");
                }

                WriteRemembered(data, offset);
            }
        }

        public override int Read(Span<byte> data, long offset)
        {
            if (disk.Strike([Fault.ReadError])) throw new IOException("Input/output error.");
            return base.Read(data, offset);
        }

        public override void Flush()
        {
            lock (state)
            {
                if (disk.Strike([Fault.FlushError])) throw new IOException("Input/output error.");
                state.Unforced.Clear();
                state.Forced = true;
            }
        }

        public override void SetLength(long length)
        {
            lock (state)
            {
                disk.Strike([]);
                var before = new byte[Math.Max(0, Length - length)];
                base.Read(before, length);
                state.Unforced.Add(new Change(length, before, Length, null));
                base.SetLength(length);
            }
        }

        private void WriteRemembered(ReadOnlySpan<byte> data, long offset)
        {
            var before = new byte[Math.Clamp(Length - offset, 0, data.Length)];
            base.Read(before, offset);
            state.Unforced.Add(new Change(offset, before, Length, data.ToArray()));
            base.Write(data, offset);
        }
    }
}

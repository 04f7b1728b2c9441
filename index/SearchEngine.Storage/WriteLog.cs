using System.Diagnostics;

namespace SearchEngine.Storage;

/// <summary>
/// The write-ahead log of a collection: entries are appended by any number of threads, written and forced to the disk together
/// (group commit), and read back in order at recovery. Addresses are byte positions in the endless sequence of frames; files hold
/// <see cref="WriteLogOptions.SegmentBytes"/> each. Written bytes are never written again, so a torn write can only hit entries
/// that nobody was told are durable. All members are thread-safe. After an input/output error the log refuses further entries
/// until it is opened again, because after a failed fsync the system no longer says what is on the disk.
/// </summary>
public sealed partial class WriteLog : IDisposable
{
    /// <summary>The largest entry in bytes.</summary>
    public const int MaxEntryBytes = 1 << 30;

    private readonly string _directory;
    private readonly WriteLogOptions _options;
    private readonly WriteLogMark _mark;
    private readonly Thread _writer;

    // _sync guards the buffer, the addresses, the failure and _busy: whoever set it owns _writing, _lastFlush and the mark until he clears
    // it; _files guards the segment list, writing and _fileEndAddress (_writtenAddress follows it a moment later). Order: _files, then
    // _sync.
    private readonly object _sync = new();
    private readonly object _files = new();
    private readonly List<WriteLogSegment> _segments;
    private byte[] _pending = new byte[64 << 10];
    private byte[] _writing = new byte[64 << 10];
    private int _pendingBytes;
    private long _tailAddress;
    private long _writtenAddress;
    private long _durableAddress;
    private long _fileEndAddress;
    private long _beginAddress;
    private long _flushTarget;
    private long _lastFlush = Stopwatch.GetTimestamp();
    private bool _busy;
    private bool _writeRequested;
    private bool _closing;
    private bool _disposed;
    private Exception? _failure;

    internal WriteLog(string directory, WriteLogOptions options, List<WriteLogSegment> segments, WriteLogMark mark, long tailAddress)
    {
        _directory = directory;
        _options = options;
        _segments = segments;
        _mark = mark;
        _beginAddress = segments[0].BaseAddress;
        _tailAddress = _writtenAddress = _durableAddress = _fileEndAddress = tailAddress;
        _mark.Write(tailAddress);
        _writer = new Thread(WriteLoop) { IsBackground = true, Name = "write log" };
        _writer.Start();
    }

    /// <summary>
    /// The address of the oldest entry that is still in the files (truncation works by whole files, so it may be older than asked).
    /// </summary>
    public long BeginAddress => Volatile.Read(ref _beginAddress);

    /// <summary>The address after the last entry appended.</summary>
    public long TailAddress => Volatile.Read(ref _tailAddress);

    /// <summary>Everything before this address is on the disk.</summary>
    public long DurableAddress => Volatile.Read(ref _durableAddress);

    /// <summary>The size of the files in bytes.</summary>
    public long SizeOnDisk
    {
        get
        {
            lock (_files)
                return _segments.Sum(segment => segment.File.Length);
        }
    }

    /// <summary>
    /// Opens the log in <paramref name="directory"/>, or begins one at address 0. What a crash left unfinished at the end is cut.
    /// </summary>
    /// <exception cref="StorageCorruptionException">An entry that was durable is damaged or missing; nothing was changed.</exception>
    /// <exception cref="UnsupportedFormatVersionException">A newer version of the library wrote it.</exception>
    public static WriteLog Open(string directory, WriteLogOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        try
        {
            if (options.MustExist && !Directory.Exists(directory))
                throw new StorageCorruptionException($"The write log's directory '{directory}' is missing.", directory);
            if (!options.ReadOnly)
                options.Files.CreateDirectory(directory);
            return WriteLogOpener.Open(directory, options);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The write log in '{directory}' cannot be opened: {exception.Message}", directory, exception);
        }
    }

    /// <summary>
    /// Appends an entry and returns the address after it; the entry is kept in memory until somebody waits for it, 1 MB is gathered,
    /// or <see cref="Flush"/> is called. Waits while more than <see cref="WriteLogOptions.BufferBytes"/> are not yet written.
    /// </summary>
    /// <exception cref="StorageException">The log failed before.</exception>
    public long Append(ReadOnlySpan<byte> entry)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entry.Length, MaxEntryBytes);
        if (_options.ReadOnly)
            throw new StorageException($"The write log in '{_directory}' was opened read-only.", _directory);
        var size = WriteLogFrame.Size(entry.Length);
        lock (_sync)
        {
            ThrowIfUnusable();
            while (_pendingBytes > 0 && _pendingBytes + (long)size > _options.BufferBytes)
            {
                RequestWrite();
                Monitor.Wait(_sync);
                ThrowIfUnusable();
            }

            if (_pending.Length - _pendingBytes < size)
                Array.Resize(ref _pending, (int)Math.Min(Array.MaxLength, Math.Max(_pending.Length * 2L, _pendingBytes + (long)size)));
            WriteLogFrame.Write(_pending.AsSpan(_pendingBytes, size), _tailAddress, _durableAddress, entry);
            _pendingBytes += size;
            _tailAddress += size;
            if (_options.Durability != Durability.EveryWrite || _pendingBytes >= WriteBehindBytes)
                RequestWrite();
            return _tailAddress;
        }
    }

    /// <summary>
    /// Returns when the entries before <paramref name="address"/> are as safe as the log's <see cref="Durability"/> promises: on the
    /// disk for <see cref="Durability.EveryWrite"/>, with the operating system otherwise. Threads that wait together share one fsync,
    /// and one of them does it: a thread alone writes and waits for the disk itself.
    /// </summary>
    /// <exception cref="StorageException">The write failed: the entry may or may not be there after reopening.</exception>
    public void WaitUntilDurable(long address)
    {
        lock (_sync)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(address, _tailAddress);
            if (AcknowledgedAddress >= address)
                return;
            ThrowIfUnusable();
        }

        WriteUntil(address, onDisk: _options.Durability == Durability.EveryWrite);
    }

    /// <summary>
    /// Forces everything appended so far to the disk, whatever the durability level, and waits for it. A checkpoint must call it before it
    /// names an address.
    /// </summary>
    /// <exception cref="StorageException">The disk refused.</exception>
    public void Flush()
    {
        long target;
        lock (_sync)
        {
            ThrowIfUnusable();
            target = _tailAddress;
        }

        WriteUntil(target, onDisk: true);
    }

    /// <summary>Writes what is pending, forces it to the disk and closes the files. Does not throw for a log that failed.</summary>
    public void Dispose()
    {
        lock (_sync)
        {
            if (_disposed)
                return;
            _closing = true;
            _flushTarget = _tailAddress;
            RequestWrite();
            Monitor.PulseAll(_sync);
        }

        _writer.Join();
        lock (_files)
        {
            if (_failure is null)
                SealLast();
            foreach (var segment in _segments)
                segment.Dispose();
            _mark.Dispose();
        }

        lock (_sync)
        {
            _disposed = true;
            Monitor.PulseAll(_sync);
        }
    }

    /// <summary>Ends the writer without writing what is pending: what a killed process leaves. For tests.</summary>
    internal void Abandon()
    {
        lock (_sync)
        {
            if (_disposed)
                return;
            _failure ??= new StorageException("The log was abandoned.", _directory);
            _closing = true;
            Monitor.PulseAll(_sync);
        }

        Dispose();
    }

    private void SealLast()
    {
        try
        {
            _segments[^1].Seal(_fileEndAddress);
        }
        catch (IOException)
        {
            // Everything is on the disk already; the next opening takes the zeros away.
        }
    }

    private long AcknowledgedAddress => _options.Durability == Durability.EveryWrite ? _durableAddress : _writtenAddress;

    private void RequestWrite()
    {
        _writeRequested = true;
        Monitor.PulseAll(_sync);
    }

    private void ThrowIfUnusable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_failure is not null)
        {
            throw new StorageException(
                $"The write log in '{_directory}' failed and takes no more entries until it is opened again: {_failure.Message}",
                _directory,
                _failure
            );
        }
        ObjectDisposedException.ThrowIf(_closing, this);
    }
}

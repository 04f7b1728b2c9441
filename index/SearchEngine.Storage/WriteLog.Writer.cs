using System.Diagnostics;

namespace SearchEngine.Storage;

public sealed partial class WriteLog
{
    /// <summary>Entries that nobody waits for are written once this much is gathered, so that a later waiter finds little to do.</summary>
    private const int WriteBehindBytes = 1 << 20;

    /// <summary>
    /// What one write takes to the files: bytes of the buffer, the address they belong to, and whether the disk is to confirm them.
    /// </summary>
    private readonly record struct Batch(int Bytes, long Address, bool Flush);

    private void WriteLoop()
    {
        while (true)
        {
            Batch batch;
            lock (_sync)
            {
                var timeout = Timeout.Infinite;
                while (_busy || !WorkWaits(out timeout))
                {
                    if (!_busy && (_failure is not null || (_closing && _durableAddress >= _tailAddress)))
                        return;
                    Monitor.Wait(_sync, _busy ? Timeout.Infinite : timeout);
                }

                batch = Take();
            }

            Write(batch);
        }
    }

    /// <summary>
    /// Returns when everything before <paramref name="address"/> is written (and on the disk). Whoever finds nobody writing writes for all
    /// that
    /// wait, so that a thread alone pays for no change of threads.
    /// </summary>
    private void WriteUntil(long address, bool onDisk)
    {
        while (true)
        {
            Batch batch;
            lock (_sync)
            {
                while (true)
                {
                    if ((onDisk ? _durableAddress : _writtenAddress) >= address)
                        return;
                    if (_failure is not null)
                        throw NotDurable(_failure);
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    if (onDisk)
                        _flushTarget = Math.Max(_flushTarget, address);
                    if (!_busy)
                        break;
                    Monitor.Wait(_sync);
                }

                batch = Take();
            }

            Write(batch);
        }
    }

    /// <summary>Takes what is pending; only one may write at a time. Under <see cref="_sync"/>, while nobody writes.</summary>
    private Batch Take()
    {
        _busy = true;
        (_pending, _writing) = (_writing, _pending);
        var batch = new Batch(_pendingBytes, _writtenAddress, _flushTarget > _durableAddress || IntervalIsOver());
        _pendingBytes = 0;
        _writeRequested = false;
        return batch;
    }

    private void Write(Batch batch)
    {
        var end = batch.Address + batch.Bytes;
        Exception? failure = null;
        try
        {
            lock (_files)
            {
                if (batch.Bytes > 0)
                {
                    RotateIfFull(batch.Address);
                    _segments[^1].Write(_writing.AsSpan(0, batch.Bytes), batch.Address, _segments[^1].BaseAddress + _options.SegmentBytes);
                    _fileEndAddress = end;
                }

                if (batch.Flush)
                    _segments[^1].File.Flush();
                if (!_segments[^1].IsInPlace)
                {
                    throw new IOException(
                        $"'{_segments[^1].Path}' was removed or replaced while it was open: what is written to it is lost."
                    );
                }
            }

            if (batch.Flush)
            {
                _lastFlush = Stopwatch.GetTimestamp();
                _mark.Write(end);
            }
        }
        catch (Exception exception)
        {
            // Whatever it was, the taken entries are not in the files: none may follow them.
            failure = exception;
        }

        lock (_sync)
        {
            if (failure is null)
            {
                _writtenAddress = end;
                if (batch.Flush)
                    Volatile.Write(ref _durableAddress, end);
            }

            _failure ??= failure;
            _busy = false;
            Monitor.PulseAll(_sync);
        }
    }

    /// <summary>Whether there is something to write or to force to the disk; under <see cref="_sync"/>.</summary>
    private bool WorkWaits(out int timeout)
    {
        timeout = Timeout.Infinite;
        if (_failure is not null)
            return false;
        if (_writeRequested && (_pendingBytes > 0 || _flushTarget > _durableAddress))
            return true;
        _writeRequested = false;
        if (_options.Durability != Durability.Interval || _durableAddress >= _tailAddress)
            return false;
        if (IntervalIsOver())
            return true;
        timeout = Math.Max(1, (int)(_options.Interval - Stopwatch.GetElapsedTime(_lastFlush)).TotalMilliseconds);
        return false;
    }

    private bool IntervalIsOver() =>
        _options.Durability == Durability.Interval && Stopwatch.GetElapsedTime(_lastFlush) >= _options.Interval;

    private void RotateIfFull(long address)
    {
        if (address - _segments[^1].BaseAddress >= _options.SegmentBytes)
            Rotate(address);
    }

    /// <summary>
    /// Begins a new file at <paramref name="address"/>; the one before is durable first, so damage in it can never be a torn tail. Under
    /// <see cref="_files"/>.
    /// </summary>
    private void Rotate(long address)
    {
        _segments[^1].Seal(address);
        _segments.Add(WriteLogSegment.Create(_directory, address, _options.Files));
    }

    private StorageException NotDurable(Exception exception) =>
        new(
            $"An entry could not be made durable in the write log in '{_directory}': {exception.Message} Whether it is there is known after reopening.",
            _directory,
            exception
        );
}

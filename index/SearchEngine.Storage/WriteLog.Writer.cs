using System.Diagnostics;

namespace SearchEngine.Storage;

public sealed partial class WriteLog
{
    /// <summary>Entries that nobody waits for are written once this much is gathered, so that a later waiter finds little to do.</summary>
    private const int WriteBehindBytes = 1 << 20;

    private void WriteLoop()
    {
        var lastFlush = Stopwatch.GetTimestamp();
        while (true)
        {
            int bytes;
            long address;
            long flushTarget;
            bool flush;
            lock (_sync)
            {
                while (!WorkWaits(lastFlush, out var timeout))
                {
                    if (_failure is not null || (_closing && _durableAddress >= _tailAddress)) return;
                    Monitor.Wait(_sync, timeout);
                }

                if (_failure is not null) return;
                (_pending, _writing) = (_writing, _pending);
                bytes = _pendingBytes;
                address = _writtenAddress;
                _pendingBytes = 0;
                _writeRequested = false;
                flushTarget = _flushTarget;
                flush = flushTarget > _durableAddress || IntervalIsOver(lastFlush);
            }

            try
            {
                lock (_files)
                {
                    if (bytes > 0)
                    {
                        RotateIfFull(address);
                        _segments[^1].Write(_writing.AsSpan(0, bytes), address, _segments[^1].BaseAddress + _options.SegmentBytes);
                        _fileEndAddress = address + bytes;
                    }

                    if (flush) _segments[^1].File.Flush();
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StorageException)
            {
                Fail(exception);
                return;
            }

            if (flush) lastFlush = Stopwatch.GetTimestamp();
            Publish(address + bytes, flush);
        }
    }

    /// <summary>Whether there is something to write or to force to the disk; under <see cref="_sync"/>.</summary>
    private bool WorkWaits(long lastFlush, out int timeout)
    {
        timeout = Timeout.Infinite;
        if (_failure is not null) return false;
        if (_writeRequested && (_pendingBytes > 0 || _flushTarget > _durableAddress)) return true;
        _writeRequested = false;
        if (_options.Durability != Durability.Interval || _durableAddress >= _tailAddress) return false;
        if (IntervalIsOver(lastFlush)) return true;
        timeout = Math.Max(1, (int)(_options.Interval - Stopwatch.GetElapsedTime(lastFlush)).TotalMilliseconds);
        return false;
    }

    private bool IntervalIsOver(long lastFlush) =>
        _options.Durability == Durability.Interval && Stopwatch.GetElapsedTime(lastFlush) >= _options.Interval;

    private void RotateIfFull(long address)
    {
        if (address - _segments[^1].BaseAddress >= _options.SegmentBytes) Rotate(address);
    }

    /// <summary>Begins a new file at <paramref name="address"/>; the one before is durable first, so damage in it can never be a torn tail. Under <see cref="_files"/>.</summary>
    private void Rotate(long address)
    {
        _segments[^1].Seal(address);
        _segments.Add(WriteLogSegment.Create(_directory, address, _options.Files));
    }

    private void Publish(long written, bool flushed)
    {
        List<TaskCompletionSource>? done = null;
        lock (_sync)
        {
            _writtenAddress = written;
            if (flushed) Volatile.Write(ref _durableAddress, written);
            var acknowledged = AcknowledgedAddress;
            var kept = 0;
            for (var i = 0; i < _waiters.Count; i++)
            {
                if (_waiters[i].Address <= acknowledged) (done ??= []).Add(_waiters[i].Source);
                else _waiters[kept++] = _waiters[i];
            }

            _waiters.RemoveRange(kept, _waiters.Count - kept);
            if (_waiters.Count > 0 || _closing) _writeRequested = true;
            Monitor.PulseAll(_sync);
        }

        if (flushed)
        {
            try
            {
                _mark.Write(written);
            }
            catch (IOException exception)
            {
                Fail(exception);
            }
        }

        if (done is null) return;
        foreach (var source in done) source.TrySetResult();
    }

    private void Fail(Exception exception)
    {
        List<TaskCompletionSource> failed;
        lock (_sync)
        {
            _failure ??= exception;
            failed = _waiters.ConvertAll(waiter => waiter.Source);
            _waiters.Clear();
            Monitor.PulseAll(_sync);
        }

        foreach (var source in failed)
        {
            source.TrySetException(new StorageException(
                $"An entry could not be made durable in the write log in '{_directory}': {exception.Message} Whether it is there is known after reopening.",
                _directory, exception));
        }
    }
}

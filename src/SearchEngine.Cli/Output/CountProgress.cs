using System.Diagnostics;
using System.Globalization;

namespace SearchEngine.Cli.Output;

/// <summary>
/// How far a counted job is, on stderr: one line that is rewritten, on a terminal; a line every few seconds in a pipe.
/// Thread-safe. Speed and the time left follow from the whole run so far.
/// </summary>
internal sealed class CountProgress : IDisposable, IProgress<long>
{
    private static readonly TimeSpan TerminalInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PipeInterval = TimeSpan.FromSeconds(2);

    private readonly CliConsole _console;
    private readonly string _activity;
    private readonly long? _total;
    private readonly string _unit;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Lock _lock = new();
    private TimeSpan _shown = TimeSpan.Zero;
    private long _done;

    /// <param name="console">Where to.</param>
    /// <param name="activity">What is done: "indexing".</param>
    /// <param name="total">How many there are; null where that is not known.</param>
    /// <param name="unit">Of what: "documents".</param>
    public CountProgress(CliConsole console, string activity, long? total, string unit)
    {
        _console = console;
        _activity = activity;
        _total = total;
        _unit = unit;
    }

    /// <summary>So many more are done.</summary>
    public void Add(long count)
    {
        lock (_lock)
        {
            _done += count;
            Show();
        }
    }

    /// <summary>So many are done in all.</summary>
    public void Report(long value)
    {
        lock (_lock)
        {
            _done = value;
            Show();
        }
    }

    public void Dispose()
    {
        if (_console.ErrorIsTerminal)
            _console.Error.Write("\r\u001b[K");
    }

    private void Show()
    {
        var interval = _console.ErrorIsTerminal ? TerminalInterval : PipeInterval;
        if (_watch.Elapsed - _shown < interval)
            return;
        _shown = _watch.Elapsed;
        if (_console.ErrorIsTerminal)
            _console.Error.Write($"\r{Line()}\u001b[K");
        else
            _console.Error.WriteLine(Line());
    }

    private string Line()
    {
        var speed = _done / Math.Max(_watch.Elapsed.TotalSeconds, 0.001);
        if (_total is not { } total)
            return string.Create(CultureInfo.InvariantCulture, $"{_activity} {_done} {_unit}, {Format.Rate(speed)}/s");
        var left = TimeSpan.FromSeconds((total - _done) / Math.Max(speed, 0.001));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_activity} {_done}/{total} {_unit}, {Format.Rate(speed)}/s, {Format.Seconds(left)} left"
        );
    }
}

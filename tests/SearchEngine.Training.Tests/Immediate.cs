namespace SearchEngine.Training.Tests;

/// <summary>Hears reports on the thread that makes them.</summary>
internal sealed class Immediate<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}

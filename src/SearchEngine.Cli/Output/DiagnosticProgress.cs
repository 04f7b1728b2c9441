namespace SearchEngine.Cli.Output;

/// <summary>Progress lines on stderr, in the order they are reported (unlike <see cref="Progress{T}"/>, which queues them).</summary>
internal sealed class DiagnosticProgress(CliConsole console) : IProgress<string>
{
    public void Report(string value) => console.WriteDiagnostic(value);
}

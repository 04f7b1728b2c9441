using System.Text;
using Spectre.Console;

namespace SearchEngine.Cli.Output;

/// <summary>
/// The two streams: data on <see cref="Out"/>, diagnostics on <see cref="Error"/>. Colour and progress bars only where a
/// stream is a terminal; a pipe gets plain lines.
/// </summary>
internal sealed class CliConsole : IDisposable
{
    private CliConsole(Stream input, TextWriter output, TextWriter error, bool outputIsTerminal, bool errorIsTerminal)
    {
        Input = input;
        Out = output;
        Error = error;
        OutputIsTerminal = outputIsTerminal;
        ErrorIsTerminal = errorIsTerminal;
        OutAnsi = CreateAnsi(output, outputIsTerminal);
        ErrorAnsi = CreateAnsi(error, errorIsTerminal);
    }

    public Stream Input { get; }

    public TextWriter Out { get; }

    public TextWriter Error { get; }

    public bool OutputIsTerminal { get; }

    public bool ErrorIsTerminal { get; }

    /// <summary>Spectre on <see cref="Out"/>; use it only when <see cref="OutputIsTerminal"/>.</summary>
    public IAnsiConsole OutAnsi { get; }

    /// <summary>Spectre on <see cref="Error"/>; use it only when <see cref="ErrorIsTerminal"/>.</summary>
    public IAnsiConsole ErrorAnsi { get; }

    /// <summary>Streams that are no terminal.</summary>
    public static CliConsole Of(Stream input, TextWriter output, TextWriter error) => new(input, output, error, false, false);

    public static CliConsole ForProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var outputIsTerminal = !Console.IsOutputRedirected && !IsDumbTerminal;
        var errorIsTerminal = !Console.IsErrorRedirected && !IsDumbTerminal;
        if (outputIsTerminal || errorIsTerminal)
            Console.OutputEncoding = utf8;
        // A pipe is buffered and flushed by commands and at the end; a terminal sees every line at once.
        var output = outputIsTerminal
            ? Console.Out
            : new StreamWriter(Console.OpenStandardOutput(), utf8, bufferSize: 1 << 16) { AutoFlush = false };
        var error = errorIsTerminal ? Console.Error : new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true };
        return new CliConsole(Console.OpenStandardInput(), output, error, outputIsTerminal, errorIsTerminal);
    }

    public void WriteDiagnostic(string line)
    {
        Out.Flush();
        Error.WriteLine(line);
    }

    public void Flush()
    {
        Out.Flush();
        Error.Flush();
    }

    public void Dispose() => Flush();

    private static bool IsDumbTerminal => Environment.GetEnvironmentVariable("TERM") == "dumb";

    private static IAnsiConsole CreateAnsi(TextWriter writer, bool isTerminal) =>
        AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
                ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
                Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
            }
        );
}

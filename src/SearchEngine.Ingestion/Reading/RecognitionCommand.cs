using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace SearchEngine.Ingestion;

/// <summary>Runs a program that recognizes the text of a page.</summary>
internal static class RecognitionCommand
{
    /// <summary>More than any page holds.</summary>
    private const int MaxCharacters = 4 << 20;

    private const int MaxMessage = 200;

    /// <exception cref="IOException">The program cannot be started, fails, takes too long or writes without end.</exception>
    internal static string Run(string program, string path, int page, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var process = Start(program, path, page);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(limit);
        using var stop = patience.Token.Register(() => Kill(process));
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        var text = new StringBuilder();
        var buffer = new char[1 << 13];
        for (int read; (read = process.StandardOutput.Read(buffer)) > 0 && text.Length <= MaxCharacters; )
        {
            text.Append(buffer, 0, read);
        }

        if (text.Length > MaxCharacters)
        {
            Kill(process);
        }

        process.WaitForExit();
        cancellationToken.ThrowIfCancellationRequested();
        return patience.IsCancellationRequested ? throw new IOException($"'{program}' took longer than {limit.TotalSeconds:0.#} seconds.")
            : text.Length > MaxCharacters ? throw new IOException($"'{program}' wrote more than {MaxCharacters} characters.")
            : process.ExitCode != 0
                ? throw new IOException($"'{program}' failed with exit code {process.ExitCode}: {Short(errors.GetAwaiter().GetResult())}")
            : TextDecoder.Normalize(text.ToString());
    }

    private static Process Start(string program, string path, int page)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(path);
        start.ArgumentList.Add(page.ToString(CultureInfo.InvariantCulture));
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"'{program}' cannot be started: {e.Message}", e);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    private static string Short(string message)
    {
        message = HeadingTrail.OneLine(message);
        return message.Length <= MaxMessage ? message : message[..MaxMessage] + "…";
    }
}

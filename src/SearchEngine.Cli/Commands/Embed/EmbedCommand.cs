using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using SearchEngine.Cli.Output;
using SearchEngine.Embeddings;
using SearchEngine.Hosting;
using SearchEngine.Training;

namespace SearchEngine.Cli.Commands.Embed;

/// <summary>
/// Streams standard input to vectors. Whatever lines have arrived are embedded together: a file goes through in full
/// batches, and a program that writes one line and waits for its vector gets it.
/// </summary>
internal sealed class EmbedCommand(CliConsole console)
{
    /// <summary>Enough texts for the batcher to sort by length; more would only delay the first vector.</summary>
    private const int LargestBatch = 512;

    public async Task<int> RunAsync(EmbedPlan plan, CancellationToken cancellationToken)
    {
        await using var file = plan.Output is null ? null : await CreateFileAsync(plan.Output, cancellationToken);
        using var model = LoadedModel.Load(plan.Model);
        var lines = Channel.CreateBounded<string>(new BoundedChannelOptions(2 * LargestBatch) { SingleReader = true, SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = ReadLinesAsync(lines.Writer, stop.Token);
        try
        {
            await foreach (var batch in BatchesAsync(lines.Reader, cancellationToken))
            {
                var vectors = await EmbedAsync(model, plan, batch, cancellationToken);
                for (var i = 0; i < vectors.Length; i++)
                {
                    if (file is null)
                        WriteVector(vectors[i]);
                    else
                        await file.WriteAsync(batch[i], vectors[i], cancellationToken);
                }

                await console.Out.FlushAsync(cancellationToken);
            }
        }
        finally
        {
            await stop.CancelAsync();
        }

        await reading;
        if (file is not null)
            await CompleteAsync(file, plan.Output!, cancellationToken);
        return ExitCode.Success;
    }

    private static async Task<VectorFileWriter> CreateFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await VectorFileWriter.CreateAsync(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new HostException($"--output {path} cannot be written: {exception.Message}", exception);
        }
    }

    private async Task CompleteAsync(VectorFileWriter file, string path, CancellationToken cancellationToken)
    {
        try
        {
            await file.CompleteAsync(cancellationToken);
        }
        catch (InvalidOperationException exception)
        {
            throw new HostException(exception.Message, exception);
        }

        console.WriteDiagnostic($"{Format.Count(file.Count, "text")} with vectors in {path}");
    }

    private static Task<float[][]> EmbedAsync(LoadedModel model, EmbedPlan plan, List<string> lines, CancellationToken cancellationToken) =>
        plan.Tokens
            ? model.Generator.EmbedTokensAsync(lines.ConvertAll(ReadTokens), cancellationToken: cancellationToken)
            : model.Generator.EmbedAsync(
                lines,
                plan.AsQuery ? EmbeddingRole.Query : EmbeddingRole.Document,
                plan.Model.Instruction,
                cancellationToken: cancellationToken
            );

    private static int[] ReadTokens(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<int[]>(line) ?? throw new JsonException("null");
        }
        catch (JsonException exception)
        {
            throw new HostException(
                $"With --tokens every line is a JSON array of token ids, not: {line[..Math.Min(line.Length, 60)]}",
                exception
            );
        }
    }

    private async Task ReadLinesAsync(ChannelWriter<string> writer, CancellationToken cancellationToken)
    {
        // On a thread of its own: reading a console or a pipe blocks.
        await Task.Run(
            async () =>
            {
                Exception? failure = null;
                try
                {
                    using var reader = new StreamReader(console.Input, new UTF8Encoding(false, throwOnInvalidBytes: true));
                    await foreach (var line in LineReader.ReadAsync(reader, cancellationToken))
                        await writer.WriteAsync(line, cancellationToken);
                }
                catch (DecoderFallbackException exception)
                {
                    failure = new HostException("Standard input is not UTF-8; convert it first (iconv -t utf-8).", exception);
                }
                catch (Exception exception)
                {
                    failure = exception;
                }
                finally
                {
                    writer.Complete(failure);
                }
            },
            CancellationToken.None
        );
    }

    private static async IAsyncEnumerable<List<string>> BatchesAsync(
        ChannelReader<string> reader,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        while (await reader.WaitToReadAsync(cancellationToken))
        {
            var batch = new List<string>(LargestBatch);
            while (batch.Count < LargestBatch && reader.TryRead(out var line))
                batch.Add(line);
            if (batch.Count > 0)
                yield return batch;
        }
    }

    private void WriteVector(ReadOnlySpan<float> vector)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(vector.Length * 14);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartArray();
            foreach (var component in vector)
                writer.WriteNumberValue(component);
            writer.WriteEndArray();
        }

        console.Out.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }
}

using System.CommandLine;
using SearchEngine.Cli.Arguments;
using SearchEngine.Cli.Output;
using SearchEngine.Hosting;
using SearchEngine.Training;

namespace SearchEngine.Cli.Commands.Training;

/// <summary><c>searchengine train pretrain|mntp|simcse|contrastive|distill|teach|texts|tokenizer|mine|plot</c>.</summary>
internal static class TrainingSyntax
{
    public static Command Build(CliConsole console) =>
        new("train", "Adapt a decoder into an embedder, step by step")
        {
            Step(
                console,
                "pretrain",
                "Causal pre-training: predict the next token",
                (file, run) =>
                    TrainingRuns.Pretrain(Read<PretrainConfig>(file, run), run.Resume, run.Progress, run.Messages, run.CancellationToken)
            ),
            Step(
                console,
                "mntp",
                "Masked next-token prediction with bidirectional attention",
                (file, run) => TrainingRuns.Mntp(Read<MntpConfig>(file, run), run.Resume, run.Progress, run.Messages, run.CancellationToken)
            ),
            Step(
                console,
                "simcse",
                "Unsupervised SimCSE: the same text twice under dropout",
                (file, run) =>
                    TrainingRuns.SimCse(Read<SimCseConfig>(file, run), run.Resume, run.Progress, run.Messages, run.CancellationToken)
            ),
            Step(
                console,
                "contrastive",
                "Contrastive training on pairs, with hard negatives where given",
                (file, run) =>
                    TrainingRuns.Contrastive(
                        Read<ContrastiveConfig>(file, run),
                        run.Resume,
                        run.Progress,
                        run.Messages,
                        run.CancellationToken
                    )
            ),
            Step(
                console,
                "distill",
                "Learn the vectors of teachers, computed once and cached",
                (file, run) =>
                    TrainingRuns.Distill(Read<DistillConfig>(file, run), run.Resume, run.Progress, run.Messages, run.CancellationToken)
            ),
            Teach(console),
            Texts(console),
            Tokenizer(console),
            Mine(console),
            Plot(console),
        };

    private static Command Step(CliConsole console, string name, string description, TrainingCommand.Run run)
    {
        var config = Config();
        var resume = new Option<bool>("--resume") { Description = "Go on from the newest checkpoint in the output folder" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Delete the run that the output folder holds and start anew" };
        var json = CommonOptions.Json();
        var command = new Command(name, description) { config, resume, overwrite, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(resume) && result.GetValue(overwrite))
                result.AddError("--resume goes on with a run and --overwrite deletes it: give one of them.");
        });
        command.SetAction(
            (parsed, cancellationToken) =>
                new TrainingCommand(console).RunAsync(
                    run,
                    parsed.GetRequiredValue(config),
                    parsed.GetValue(resume),
                    parsed.GetValue(overwrite),
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private static T Read<T>(string file, TrainingCommand.Context run)
        where T : TrainingConfig
    {
        var config = TrainingConfig.Load<T>(file);
        return config with { Overwrite = config.Overwrite || run.Overwrite };
    }

    private static Command Teach(CliConsole console)
    {
        var config = Config();
        var command = new Command("teach", "Fill the teachers' cache of a distillation and stop; goes on where it was interrupted")
        {
            config,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = TrainingConfig.Load<DistillConfig>(parsed.GetRequiredValue(config));
                var (texts, taught) = await Task.Run(
                    () => TrainingRuns.Teach(settings, new DiagnosticProgress(console), cancellationToken),
                    CancellationToken.None
                );
                console.Out.WriteLine($"{Format.Count(texts, "text")}, {taught:N0} of them with a vector of every teacher");
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command Texts(CliConsole console)
    {
        var config = Config();
        var role = Choices.Of("--role", "Only the texts that are asked or only those that are found", "query", "document");
        var command = new Command("texts", "Print the texts of a distillation, one a line, for a teacher that runs elsewhere")
        {
            config,
            role,
        };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = TrainingConfig.Load<DistillConfig>(parsed.GetRequiredValue(config));
                bool? asQueries = parsed.GetValue(role) is { } wanted ? wanted.Equals("query", StringComparison.OrdinalIgnoreCase) : null;
                var texts = await Task.Run(
                    () => TrainingRuns.DistillationTexts(settings, asQueries, cancellationToken),
                    CancellationToken.None
                );
                foreach (var text in texts)
                    console.Out.WriteLine(text);
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command Tokenizer(CliConsole console)
    {
        var config = Config();
        var command = new Command("tokenizer", "Train a SentencePiece vocabulary with spm_train, which must be installed") { config };
        command.SetAction(
            async (parsed, cancellationToken) =>
            {
                var settings = TokenizerTrainingConfig.Load(parsed.GetRequiredValue(config));
                console.Out.WriteLine(
                    await Task.Run(
                        () => TokenizerTraining.Train(settings, new DiagnosticProgress(console), cancellationToken),
                        cancellationToken
                    )
                );
                return ExitCode.Success;
            }
        );
        return command;
    }

    private static Command Mine(CliConsole console)
    {
        var config = Config();
        var json = CommonOptions.Json();
        var model = new ModelArguments(complete: true);
        var command = new Command("mine", "Find hard negatives with a model") { config, json };
        model.AddTo(command);
        command.SetAction(
            (parsed, cancellationToken) =>
                new MineCommand(console).RunAsync(
                    HardNegativeConfig.Load(parsed.GetRequiredValue(config)),
                    model.Resolve(parsed, SettingsLoader.Load()),
                    parsed.GetValue(json),
                    cancellationToken
                )
        );
        return command;
    }

    private static Command Plot(CliConsole console)
    {
        var logs = new Argument<string[]>("LOG")
        {
            Description = "Output folders of runs, or their training-log.jsonl",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output")
        {
            Description = "The picture: FILE.png or FILE.svg",
            HelpName = "FILE",
            Required = true,
        };
        var command = new Command("plot", "Draw the curves of training logs") { logs, output };
        command.SetAction(parsed =>
        {
            var file = parsed.GetRequiredValue(output);
            TrainingPlot.Save(parsed.GetRequiredValue(logs), file);
            console.Out.WriteLine(file);
            return ExitCode.Success;
        });
        return command;
    }

    private static Option<string> Config() =>
        new("--config")
        {
            Description = "The step's settings, JSON",
            HelpName = "FILE",
            Required = true,
        };
}
